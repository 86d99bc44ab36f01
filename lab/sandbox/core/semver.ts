/**
 * Versions and constraints as Go's Masterminds/semver v3 reads them, on which Argo CD, Flux and Image Updater are built.
 * It is not npm's dialect: versions may lack parts, a comma means and, `!=` is an operator, and an alternative admits
 * pre-releases only when one of its terms names one.
 */
export type Version = {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** '' for a release. */
  readonly prerelease: string
}

/** Whether a version satisfies a constraint. */
export type Constraint = (version: Version) => boolean

/** A constraint that cannot be read. */
export class InvalidConstraint extends Error {
  override readonly name = 'InvalidConstraint'

  constructor(
    /** The alternative that is wrong, as it was written; undefined when only a number in it is. */
    readonly alternative?: string,
  ) {
    super(alternative === undefined ? 'constraint parser error' : `improper constraint: ${JSON.stringify(alternative)}`)
  }
}

const LARGEST = 2n ** 64n - 1n
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const VERSION = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?(?:-(${IDENTIFIERS}))?(?:\\+${IDENTIFIERS})?$`)

/** A version from a text such as a tag, `v` in front allowed; undefined if it is none. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text)
  if (!match) return undefined
  const part = (at: number) => BigInt(match[at] ?? 0)
  const version = { major: part(1), minor: part(2), patch: part(3), prerelease: match[4] ?? '' }
  if (version.major > LARGEST || version.minor > LARGEST || version.patch > LARGEST) return undefined
  return /(^|\.)0\d+(\.|$)/.test(version.prerelease) ? undefined : version
}

/** Less than 0 when `a` is the older one, 0 when they are equal but for build metadata. */
export function compareVersions(a: Version, b: Version): number {
  return (
    order(a.major, b.major) ||
    order(a.minor, b.minor) ||
    order(a.patch, b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

/** The text of the highest version among `texts` that satisfies; of equal ones the first. */
export function latestVersion(texts: readonly string[], satisfies: Constraint): string | undefined {
  let latest: { readonly text: string; readonly version: Version } | undefined
  for (const text of texts) {
    const version = parseVersion(text)
    if (version && satisfies(version) && (!latest || compareVersions(version, latest.version) > 0))
      latest = { text, version }
  }
  return latest?.text
}

const order = <T extends bigint | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

function comparePrereleases(a: string, b: string): number {
  if (a === '' || b === '') return order(b, a)
  const left = a.split('.')
  const right = b.split('.')
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = compareIdentifiers(left[at] ?? '', right[at] ?? '')
    if (difference !== 0) return difference
  }
  return 0
}

function compareIdentifiers(a: string, b: string): number {
  if (a === '' || b === '') return order(a, b)
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber && isOtherNumber) return order(BigInt(a), BigInt(b))
  return isNumber === isOtherNumber ? order(a, b) : isNumber ? -1 : 1
}

const OPERATOR = '=|!=|>=|=>|<=|=<|~>|[<>~^]|'
const PART = '[0-9xX*|]+'
const PATTERN = `v?(?:${PART})(?:\\.${PART})?(?:\\.${PART})?(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?`
const TERM = `(?:${OPERATOR})\\s*${PATTERN}`
const RANGE = new RegExp(`\\s*(${PATTERN})\\s+-\\s+(${PATTERN})\\s*`, 'g')
const ALTERNATIVE = new RegExp(`^\\s*${TERM}(?:(?:\\s+|\\s*,\\s*)${TERM})*\\s*$`)
const TERMS = new RegExp(`(${OPERATOR})\\s*(${PATTERN})`, 'g')

/** @throws InvalidConstraint */
export function parseConstraint(text: string): Constraint {
  const alternatives = text
    .replace(RANGE, '>= $1, <= $2 ')
    .split('||')
    .map((alternative) => {
      if (!ALTERNATIVE.test(alternative)) throw new InvalidConstraint(alternative)
      const terms = [...alternative.matchAll(TERMS)].map(([, operator = '', pattern = '']) => termOf(operator, pattern))
      return { terms, takesPrereleases: terms.some(({ version }) => version.prerelease !== '') }
    })
  return (version) =>
    alternatives.some(
      ({ terms, takesPrereleases }) =>
        (version.prerelease === '' || takesPrereleases) && terms.every((term) => satisfies(version, term)),
    )
}

type Term = {
  readonly operator: string
  /** What is absent or a wildcard in the pattern is 0. */
  readonly version: Version
  /** The first part that is absent or a wildcard, if there is one. */
  readonly open: 'major' | 'minor' | 'patch' | undefined
}

function termOf(operator: string, pattern: string): Term {
  const [, numbers = '', suffix = ''] = /^v?([^-+]*)(.*)$/.exec(pattern) ?? []
  const parts = numbers.split('.')
  const at = [0, 1, 2].findIndex((index) => parts[index] === undefined || /^[xX*]$/.test(parts[index] as string))
  const version = parseVersion(`${at < 0 ? numbers : [...parts.slice(0, at), 0, 0, 0].slice(0, 3).join('.')}${suffix}`)
  if (!version) throw new InvalidConstraint()
  return { operator, version, open: at < 0 ? undefined : (['major', 'minor', 'patch'] as const)[at] }
}

function satisfies(version: Version, term: Term): boolean {
  const { operator, version: wanted, open } = term
  const compared = compareVersions(version, wanted)
  const major = order(version.major, wanted.major)
  const minor = order(version.minor, wanted.minor)
  switch (operator) {
    case '':
    case '=':
      return open ? tilde(version, term) : compared === 0
    case '!=':
      if (open === 'minor') return major !== 0
      if (open === 'patch') return major !== 0 || minor !== 0 || version.prerelease !== wanted.prerelease
      return compared !== 0
    case '>':
      if (open === 'minor') return major > 0
      if (open === 'patch') return major > 0 || (major === 0 && minor > 0)
      return compared > 0
    case '<':
      return compared < 0
    case '>=':
    case '=>':
      return compared >= 0
    case '<=':
    case '=<':
      return open ? major < 0 || (major === 0 && (minor <= 0 || open === 'minor')) : compared <= 0
    case '~':
    case '~>':
      return tilde(version, term)
    default:
      return caret(version, term)
  }
}

function tilde(version: Version, { version: wanted, open }: Term): boolean {
  if (compareVersions(version, wanted) < 0) return false
  // `~0.0.0` means anything from there on.
  if (wanted.major + wanted.minor + wanted.patch === 0n && open !== 'minor' && open !== 'patch') return true
  return version.major === wanted.major && (open === 'minor' || version.minor === wanted.minor)
}

function caret(version: Version, { version: wanted, open }: Term): boolean {
  if (compareVersions(version, wanted) < 0 || version.major !== wanted.major) return false
  if (wanted.major > 0n || open === 'minor') return true
  if (version.minor !== wanted.minor) return false
  return wanted.minor > 0n || open === 'patch' || version.patch === wanted.patch
}
