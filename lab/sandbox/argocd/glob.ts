/**
 * A glob as Argo CD matches project fields, exclusions and file names: `*` and `**` match anything including slashes
 * unless `separator` is given, `?` one character, `[…]` a class, `{a,b}` alternatives.
 */
export function matchesGlob(pattern: string, text: string, separator?: string): boolean {
  return globToRegExp(pattern, separator).test(text)
}

function globToRegExp(pattern: string, separator: string | undefined): RegExp {
  const other = separator === undefined ? '.' : `[^${quote(separator)}]`
  let source = ''
  let depth = 0
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if (char === '*' && pattern[at + 1] === '*') {
      source += '.*'
      at++
    } else if (char === '*') source += `${other}*`
    else if (char === '?') source += other
    else if (char === '[' && pattern.indexOf(']', at) > at) {
      const end = pattern.indexOf(']', at)
      source += `[${pattern
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\')}]`
      at = end
    } else if (char === '{') {
      source += '(?:'
      depth++
    } else if (char === '}' && depth > 0) {
      source += ')'
      depth--
    } else if (char === ',' && depth > 0) source += '|'
    else if (char === '\\' && at + 1 < pattern.length) source += quote(pattern[++at] as string)
    else source += quote(char)
  }
  return new RegExp(`^${source}${')'.repeat(depth)}$`, 's')
}

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
