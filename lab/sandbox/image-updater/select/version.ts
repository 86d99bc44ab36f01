/**
 * Versions and constraints as Go's Masterminds/semver v3 reads them, which differs from npm's: versions may lack parts,
 * `~1.2-0` is a constraint, and pre-releases are taken only by constraints that name one.
 */
export type Version = {
  readonly major: number
  readonly minor: number
  readonly patch: number
  readonly prerelease: string
}

const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

/** A version from a tag; undefined if it is none. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text)
  if (!match) return undefined
  const [, major, minor = '0', patch = '0', prerelease = ''] = match
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease }
}

export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease)
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const left = a.split('.')
  const right = b.split('.')
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const x = left[at]
    const y = right[at]
    if (x === y) continue
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    const numbers = [x, y].map((part) => /^\d+$/.test(part))
    if (numbers[0] && numbers[1]) return Number(x) - Number(y)
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}

type Term = {
  readonly operator: string
  readonly version: Version
  readonly minorDirty: boolean
  readonly patchDirty: boolean
  readonly dirty: boolean
}

const PART = '(?:\\d+|x|X|\\*)'
const TERM = new RegExp(
  `^(=|!=|>=|=>|<=|=<|~>|[<>~^])?\\s*v?(${PART})(?:\\.(${PART}))?(?:\\.(${PART}))?(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`,
)

/** Whether a version satisfies a constraint. */
export type Constraint = (version: Version) => boolean

/** @throws Error `improper constraint: …` */
export function parseConstraint(text: string): Constraint {
  const alternatives = text.split('||').map((part) => terms(part.trim(), text))
  return (version) => alternatives.some((all) => all.every((term) => satisfies(version, term)))
}

function terms(part: string, whole: string): readonly Term[] {
  const range = part.replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2')
  // Blanks may stand between an operator and its version, and between terms.
  const words = range
    .replace(/([=!<>~^])\s+/g, '$1')
    .split(/[\s,]+/)
    .filter(Boolean)
  if (words.length === 0) throw new Error(`improper constraint: ${whole}`)
  return words.map((word) => {
    const match = TERM.exec(word)
    if (!match) throw new Error(`improper constraint: ${whole}`)
    return term(match)
  })
}

const isWild = (part: string | undefined): boolean => part === undefined || /^[xX*]$/.test(part)

function term([, operator = '', major, minor, patch, prerelease = '']: RegExpExecArray): Term {
  if (isWild(major)) {
    const version = { major: 0, minor: 0, patch: 0, prerelease: '' }
    return { operator, version, minorDirty: false, patchDirty: false, dirty: true }
  }
  const minorDirty = isWild(minor)
  const patchDirty = !minorDirty && isWild(patch)
  const version = {
    major: Number(major),
    minor: minorDirty ? 0 : Number(minor),
    patch: minorDirty || patchDirty ? 0 : Number(patch),
    prerelease,
  }
  return { operator, version, minorDirty, patchDirty, dirty: minorDirty || patchDirty }
}

function satisfies(version: Version, term: Term): boolean {
  const { operator, version: wanted, dirty, minorDirty, patchDirty } = term
  if (version.prerelease !== '' && wanted.prerelease === '') return false
  const order = compareVersions(version, wanted)
  switch (operator) {
    case '':
    case '=':
      return dirty ? tilde(version, term) : order === 0
    case '!=':
      if (!dirty) return order !== 0
      if (version.major !== wanted.major) return true
      return !minorDirty && version.minor !== wanted.minor
    case '>':
      if (!dirty) return order > 0
      if (version.major !== wanted.major) return version.major > wanted.major
      return patchDirty && version.minor > wanted.minor
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      if (!dirty) return order <= 0
      if (version.major !== wanted.major) return version.major < wanted.major
      return minorDirty || version.minor <= wanted.minor
    case '~':
    case '~>':
      return tilde(version, term)
    default:
      return caret(version, term)
  }
}

function tilde(version: Version, { version: wanted, minorDirty, patchDirty }: Term): boolean {
  if (compareVersions(version, wanted) < 0) return false
  const isZero = wanted.major === 0 && wanted.minor === 0 && wanted.patch === 0
  if (isZero && !minorDirty && !patchDirty) return true
  return version.major === wanted.major && (minorDirty || version.minor === wanted.minor)
}

function caret(version: Version, { version: wanted, minorDirty, patchDirty }: Term): boolean {
  if (compareVersions(version, wanted) < 0 || version.major !== wanted.major) return false
  if (wanted.major > 0 || minorDirty) return true
  if (version.minor !== wanted.minor) return false
  return wanted.minor > 0 || patchDirty || version.patch === wanted.patch
}
