/** An error for people: what was expected, what was found, what to do next. */
export class LabError extends Error {
  override readonly name = 'LabError'
  /** The program's exit code. */
  readonly code: number

  constructor(what: {
    readonly expected?: string
    readonly found: string
    readonly next?: string
    readonly code?: number
  }) {
    const { expected, found, next } = what
    super(
      [
        ...(expected === undefined ? [found] : [`expected  ${expected}`, `found     ${found}`]),
        ...(next === undefined ? [] : [`next      ${next}`]),
      ].join('\n'),
    )
    this.code = what.code ?? 1
  }
}

/** No background process runs, and the command does not start one. */
export const noWorld = (): LabError =>
  new LabError({
    expected: 'a world that is up',
    found: 'none',
    next: '`gitops-lab sandbox up`, or `gitops-lab run`',
    code: 69,
  })

/** The background process is gone while it was needed. */
export const labGone = (reason: string): LabError =>
  new LabError({
    expected: 'the background process to stay',
    found: reason,
    next: 'The same command again goes on where it was',
    code: 69,
  })

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
