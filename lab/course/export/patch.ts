import { hereDocument } from './here-document.ts'

/** A command that makes an edit of a course, whose diff has no file headers and may have no line numbers. */
export function gitPatch(path: string, diff: string): string {
  const hunks = diff
    .replace(/\n$/, '')
    .split(/^(?=@@)/m)
    .map(numbered)
  const bare = hunks.some(({ context }) => !context)
  const patch = [`--- a/${path}`, `+++ b/${path}`, ...hunks.map(({ text }) => text)].join('\n')
  return `cd "$LAB_DIR"\n${hereDocument(`git apply${bare ? ' --unidiff-zero' : ''}`, patch)}`
}

/**
 * A hunk with the numbers that git wants. It looks for the text around the line that is named; without context before
 * and after (`context`), it takes a hunk for the beginning or the end of the file unless told otherwise.
 */
function numbered(hunk: string): { text: string; context: boolean } {
  const [first = '', ...rest] = hunk.replace(/\n$/, '').split('\n')
  const lines = (first.startsWith('@@') ? rest : [first, ...rest]).map((line) => (line === '' ? ' ' : line))
  const start = /^@@ -(\d+)/.exec(first)?.[1] ?? '2'
  const before = lines.filter((line) => /^[- ]/.test(line)).length
  const after = lines.filter((line) => /^[+ ]/.test(line)).length
  const own = lines.filter((line) => !line.startsWith('\\'))
  const context = own[0]?.startsWith(' ') === true && own.at(-1)?.startsWith(' ') === true
  return { text: [`@@ -${start},${before} +${start},${after} @@`, ...lines].join('\n'), context }
}
