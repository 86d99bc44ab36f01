import { goRegExp } from '../../core/go-regexp.ts'
import { type Constraint, InvalidConstraint, latestVersion, parseConstraint } from '../../core/semver.ts'

export type Strategy = 'semver' | 'newest-build' | 'digest' | 'alphabetical'

const STRATEGIES: Readonly<Record<string, Strategy>> = {
  semver: 'semver',
  'newest-build': 'newest-build',
  latest: 'newest-build',
  digest: 'digest',
  alphabetical: 'alphabetical',
  name: 'alphabetical',
}

/** The strategy of a name; `note` says what is wrong with the name, as the real program logs it. */
export function strategyOf(name: string): { readonly strategy: Strategy; readonly note?: string } {
  const strategy = STRATEGIES[name]
  if (!strategy) return { strategy: 'semver', note: `Unknown sort option ${name} -- using semver` }
  if (strategy === name) return { strategy }
  return {
    strategy,
    note: `"${name}" strategy has been renamed to "${strategy}". Please switch to the new convention as support for the old naming convention will be removed in future versions.`,
  }
}

/** Whether tags of a strategy must be looked up one by one. */
export const needsMetadata = (strategy: Strategy): boolean => strategy === 'newest-build' || strategy === 'digest'

/** Which tags `allowTags` lets through; a function that does not exist or cannot be read lets none through. */
export function allowedBy(allowTags: string | undefined, warn: (text: string) => void): (tag: string) => boolean {
  if (allowTags === undefined || allowTags === '' || allowTags === 'any') return () => true
  const [name, ...rest] = allowTags.split(':')
  if (name?.toLowerCase() !== 'regexp') {
    warn(`Unknown match function: ${name}`)
    return () => false
  }
  try {
    const expression = goRegExp(rest.join(':'))
    return (tag) => expression.test(tag)
  } catch {
    warn(`Could not compile regexp '${rest.join(':')}'`)
    return () => false
  }
}

/** Go's `path.Match` over names without slashes. @throws Error `syntax error in pattern` */
export function globToRegExp(glob: string): RegExp {
  let source = ''
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string
    if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '[') {
      const end = glob.indexOf(']', at + 1)
      const body = glob.slice(at + 1, end)
      if (end < 0 || body.replace(/^\^/, '') === '') throw new Error('syntax error in pattern')
      source += `[${body.replace(/\\/g, '\\\\')}]`
      at = end
    } else {
      if (char === '\\' && at + 1 === glob.length) throw new Error('syntax error in pattern')
      const literal = char === '\\' ? (glob[++at] as string) : char
      source += literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    }
  }
  return new RegExp(`^${source}$`)
}

/** Which tags `ignoreTags` leaves out; a pattern that is none leaves nothing out. */
export function ignoredBy(patterns: readonly string[]): (tag: string) => boolean {
  const expressions = patterns.flatMap((pattern) => {
    try {
      return [globToRegExp(pattern)]
    } catch {
      return []
    }
  })
  return (tag) => expressions.some((expression) => expression.test(tag))
}

export type Candidate = {
  readonly tag: string
  readonly digest: string
  /** Milliseconds since the epoch; when the strategy asks for it. */
  readonly created?: number
  /** Of the image; when the strategy looks into it. */
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * The tag to update to; undefined if none qualifies. Without a constraint, semver takes every release.
 * @throws Error `improper constraint: …`
 */
export function newest(
  candidates: readonly Candidate[],
  strategy: Strategy,
  constraint: string,
): Candidate | undefined {
  if (strategy === 'semver') return newestVersion(candidates, constraintOf(constraint || '*'))
  if (strategy === 'digest') return candidates.find(({ tag }) => tag === constraint)
  const byName = (a: Candidate, b: Candidate) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0)
  const order =
    strategy === 'alphabetical'
      ? byName
      : (a: Candidate, b: Candidate) => (a.created ?? 0) - (b.created ?? 0) || byName(a, b)
  return [...candidates].sort(order).at(-1)
}

/** Of tags that are one version, the last by name. */
function newestVersion(candidates: readonly Candidate[], constraint: Constraint): Candidate | undefined {
  const tags = candidates.map(({ tag }) => tag).sort()
  const latest = latestVersion(tags.reverse(), constraint)
  return candidates.find(({ tag }) => tag === latest)
}

/** The program's version of Masterminds/semver does not quote what it refuses. */
function constraintOf(text: string): Constraint {
  try {
    return parseConstraint(text)
  } catch (error) {
    if (!(error instanceof InvalidConstraint) || error.alternative === undefined) throw error
    throw new Error(`improper constraint: ${error.alternative}`)
  }
}
