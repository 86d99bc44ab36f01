/**
 * Whether a semver constraint of the usual forms (`~1.0`, `^1.2`, `1.x`, `>=1.0.0 <2.0.0`, `*`) allows a tag; undefined
 * where the constraint is of another form. Only explains: Flux and Image Updater decide by their own library.
 */
export function allows(constraint: string, tag: string): boolean | undefined {
  const version = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(tag)?.slice(1).map(Number)
  if (!version) return undefined
  const verdicts = constraint
    .trim()
    .split(/[\s,]+/)
    .map((part) => allowsPart(part, version))
  return verdicts.includes(undefined) ? undefined : !verdicts.includes(false)
}

function allowsPart(part: string, version: readonly number[]): boolean | undefined {
  const found = /^(~|\^|>=|<=|>|<|=)?v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?$/.exec(part)
  if (!found) return undefined
  const [operator = '', ...numbers] = found.slice(1)
  const given = numbers.map((text) => (text === undefined || /[xX*]/.test(text) ? undefined : Number(text)))
  const isWhole = !given.includes(undefined)
  const order = compare(
    version,
    given.map((number) => number ?? 0),
  )
  const same = (count: number) =>
    given.slice(0, count).every((number, at) => number === undefined || number === version[at])
  switch (operator) {
    case '~':
      return order >= 0 && same(given[1] === undefined ? 1 : 2)
    case '^':
      return order >= 0 && same(given[0] === 0 ? 2 : 1)
    case '>=':
      return order >= 0
    // `<=1.0` allows 1.0.9 and `>1.0` does not (Masterminds/semver): told of whole versions only.
    case '<=':
      return isWhole ? order <= 0 : undefined
    case '>':
      return isWhole ? order > 0 : undefined
    case '<':
      return order < 0
    default:
      return same(3)
  }
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((number, at) => number - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0
