/** A regular expression for a path pattern: `*` within a folder, `**` across folders, `?`, `[a-z]` and `{a,b}`. */
export function globToRegExp(pattern: string): RegExp {
  let source = ''
  let braces = 0
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if (char === '*') {
      if (pattern[at + 1] !== '*') source += '[^/]*'
      else if (pattern[at + 2] === '/') {
        source += '(?:.*/)?'
        at += 2
      } else {
        source += '.*'
        at += 1
      }
    } else if (char === '?') source += '[^/]'
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2)
      if (end < 0) source += '\\['
      else {
        source += `[${pattern
          .slice(at + 1, end)
          .replace(/^!/, '^')
          .replaceAll('\\', '\\\\')}]`
        at = end
      }
    } else if (char === '{') {
      source += '(?:'
      braces++
    } else if (char === '}' && braces > 0) {
      source += ')'
      braces--
    } else if (char === ',' && braces > 0) source += '|'
    else source += char.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  }
  return new RegExp(`^${source}${')'.repeat(braces)}$`)
}

/** Whether a path is named by a pattern, or lies in a folder that is. */
export function isNamedBy(path: string, pattern: string): boolean {
  const expression = globToRegExp(pattern.replace(/^\.\//, '').replace(/\/+$/, ''))
  const parts = path.split('/')
  return parts.some((_, at) => expression.test(parts.slice(0, at + 1).join('/')))
}
