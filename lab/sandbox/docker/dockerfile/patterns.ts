/**
 * A pattern of `.dockerignore` or COPY as a regular expression over paths with `/`: `*` and `?` stop at a slash, `**`
 * does not, `[a-z]` and escapes are as in Go's `filepath.Match`. @throws Error `syntax error in pattern`
 */
export function patternToRegExp(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if (char === '*' && pattern[at + 1] === '*') {
      at += 1
      if (pattern[at + 1] === '/') {
        at += 1
        source += '(?:.*/)?'
      } else source += '.*'
    } else if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2)
      if (end < 0) throw new Error('syntax error in pattern')
      source += `[${pattern.slice(at + 1, end).replace(/\\/g, '\\\\')}]`
      at = end
    } else {
      const literal = char === '\\' && at + 1 < pattern.length ? (pattern[++at] as string) : char
      source += literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    }
  }
  return new RegExp(`^${source}$`)
}

export const hasWildcard = (path: string): boolean => /[*?[]/.test(path)

/** Which paths of a context a `.dockerignore` leaves out. The last line that matches a path or a parent decides. */
export function ignoredBy(dockerignore: string): (path: string) => boolean {
  const rules = dockerignore
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const negated = line.startsWith('!')
      const pattern = clean(line.slice(negated ? 1 : 0).trim())
      return { negated, expression: patternToRegExp(pattern) }
    })
    .filter(({ expression }) => expression.source !== '^$')
  return (path) => {
    const parts = path.split('/')
    const parents = parts.map((_, at) => parts.slice(0, at + 1).join('/'))
    let ignored = false
    for (const { negated, expression } of rules) {
      if (ignored === negated && parents.some((parent) => expression.test(parent))) ignored = !negated
    }
    return ignored
  }
}

const clean = (pattern: string): string =>
  pattern
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
