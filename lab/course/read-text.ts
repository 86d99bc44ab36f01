import { readFileSync, statSync } from 'node:fs'
import { CourseError } from './problem.ts'

/** Nobody writes a step this long; a parser given more may not come back. */
const LIMIT = 1024 * 1024

/** The text of a file of a course; `named` is its path as messages name it. @throws CourseError */
export function readText(path: string, named: string): string {
  const refuse = (message: string) => new CourseError([{ file: named, line: 1, message }])
  let bytes: Buffer
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw refuse('expected a file, found something else of this name')
    if (stat.size > LIMIT) throw refuse(`expected 1 MiB at most, found ${(stat.size / LIMIT).toFixed(1)} MiB`)
    bytes = readFileSync(path)
  } catch (error) {
    throw error instanceof CourseError ? error : refuse(`cannot be read: ${(error as Error).message}`)
  }
  const text = bytes.toString('utf8')
  if (text.includes('\0')) throw refuse('expected text, found bytes of something else')
  return text
}
