/** Build output in the style of `--progress=plain`: numbered steps, a line each. */
export class Progress {
  private steps = 0

  constructor(
    private readonly print: (line: string) => void,
    /** Milliseconds. */
    private readonly now: () => number,
  ) {
    print('#0 building with "default" instance using docker driver')
  }

  /** Runs one step between its title and `DONE` or `ERROR`. */
  async step<T>(title: string, work: (log: (line: string) => void) => Promise<T> | T): Promise<T> {
    const number = `#${++this.steps}`
    const begun = this.now()
    const seconds = () => ((this.now() - begun) / 1000).toFixed(1)
    this.print('')
    this.print(`${number} ${title}`)
    try {
      const result = await work((line) => this.print(`${number} ${line}`))
      this.print(`${number} DONE ${seconds()}s`)
      return result
    } catch (error) {
      this.print(`${number} ERROR: ${error instanceof Error ? error.message : error}`)
      throw error
    }
  }
}

/** The lines around a fault of a Dockerfile, as BuildKit shows them. */
export function excerpt(name: string, lines: readonly string[], from: number, to: number): readonly string[] {
  const first = Math.max(1, from - 2)
  const last = Math.min(lines.length, to + 2)
  const shown = lines.slice(first - 1, last).map((text, at) => {
    const number = first + at
    const mark = number >= from && number <= to ? '>>>' : '   '
    return `${String(number).padStart(4)} | ${mark} ${text}`
  })
  return [`${name}:${from}`, '--------------------', ...shown, '--------------------']
}
