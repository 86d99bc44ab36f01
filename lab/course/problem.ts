/** Something wrong in a file of the course. Printed as `file:line: message`. */
export type Problem = { readonly file: string; readonly line: number; readonly message: string }

export const problemText = ({ file, line, message }: Problem): string => `${file}:${line}: ${message}`

/** The course cannot be used as it is. The message holds a line for each problem. */
export class CourseError extends Error {
  override readonly name = 'CourseError'

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'))
  }
}

/** Collects what is wrong with one file, so that all of it is told at once. */
export class Problems {
  readonly list: Problem[] = []

  constructor(readonly file: string) {}

  add(line: number, message: string): void {
    this.list.push({ file: this.file, line, message })
  }
}
