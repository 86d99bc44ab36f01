/** `already`: the file reads as the edit wants it. `conflict`: it reads neither as before nor as after the edit. */
export type Patched =
  | { readonly kind: 'changed'; readonly content: string }
  | { readonly kind: 'already' }
  | { readonly kind: 'conflict'; readonly expected: string }

type Hunk = { readonly before: readonly string[]; readonly after: readonly string[] }

/**
 * Applies a unified diff without file headers. Hunks are found by their text, in order, so line numbers need not be
 * exact and `@@` alone parts them; a hunk whose result is there already is left, so that applying twice does no harm.
 * A missing file is an empty one.
 */
export function applyPatch(content: string, diff: string): Patched {
  const endsWithNewline = content === '' || content.endsWith('\n')
  let lines = content === '' ? [] : (endsWithNewline ? content.slice(0, -1) : content).split('\n')
  let from = 0
  let changed = false
  for (const { before, after } of hunksOf(diff)) {
    const done = after.length > 0 ? find(lines, after, from) : -1
    const at = find(lines, before, from)
    if (done >= 0 && (at < 0 || before.length === 0 || (after.length > before.length && done <= at))) {
      from = done + after.length
      continue
    }
    if (at < 0 && after.length === 0) continue
    if (at < 0) return { kind: 'conflict', expected: before.join('\n') }
    lines = [...lines.slice(0, at), ...after, ...lines.slice(at + before.length)]
    from = at + after.length
    changed = true
  }
  if (!changed) return { kind: 'already' }
  return { kind: 'changed', content: lines.length === 0 ? '' : lines.join('\n') + (endsWithNewline ? '\n' : '') }
}

/** What is wrong with a diff as text; undefined when it can be applied. */
export function patchProblem(diff: string): string | undefined {
  const lines = diff.split('\n')
  const odd = lines.findIndex((line) => line !== '' && !/^[-+ @\\]/.test(line))
  if (odd >= 0) return `line ${odd + 1} of the diff begins with neither " ", "+", "-" nor "@@"`
  if (lines.some((line) => /^(---|\+\+\+) /.test(line))) return 'a diff is written without its file headers'
  return lines.some((line) => /^[-+]/.test(line)) ? undefined : 'the diff changes nothing'
}

function hunksOf(diff: string): readonly Hunk[] {
  const hunks: { before: string[]; after: string[] }[] = []
  let open: { before: string[]; after: string[] } | undefined
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('@@')) {
      open = undefined
      continue
    }
    if (line.startsWith('\\')) continue
    if (!open) {
      open = { before: [], after: [] }
      hunks.push(open)
    }
    const text = line.slice(1)
    if (!line.startsWith('+')) open.before.push(text)
    if (!line.startsWith('-')) open.after.push(text)
  }
  return hunks
}

/** The first place at or after `from` where `wanted` stands; an empty `wanted` stands at the end of an empty file only. */
function find(lines: readonly string[], wanted: readonly string[], from: number): number {
  if (wanted.length === 0) return lines.length === 0 ? 0 : -1
  for (let at = from; at + wanted.length <= lines.length; at++) {
    if (wanted.every((line, offset) => lines[at + offset] === line)) return at
  }
  return -1
}
