import semver from 'semver'

/** A range that cannot be read. */
export class InvalidConstraint extends Error {
  override readonly name = 'InvalidConstraint'
}

export type Constraint = (version: semver.SemVer) => boolean

/** A version as Flux reads tags: strict SemVer, with an optional `v` in front. */
export const parseVersion = (tag: string): semver.SemVer | undefined =>
  /^v?\d+\.\d+\.\d+/.test(tag) ? (semver.parse(tag.replace(/^v/, '')) ?? undefined) : undefined

/**
 * A range as Masterminds/semver reads it: commas mean and, `!=` is allowed, `=>` and `=<` are other spellings, and
 * pre-releases count in an alternative that mentions one. @throws InvalidConstraint
 */
export function parseConstraint(text: string): Constraint {
  const alternatives = text.split('||').map((alternative) => parseAlternative(alternative, text))
  return (version) => alternatives.some((matches) => matches(version))
}

function parseAlternative(alternative: string, whole: string): Constraint {
  const includePrerelease = /\d-[0-9A-Za-z]/.test(alternative.replace(/\s-\s/g, ' '))
  const plain = alternative
    .replaceAll(',', ' ')
    .replace(/=>/g, '>=')
    .replace(/=</g, '<=')
    .replace(/([<>=!~^]+)\s+/g, '$1')
    .trim()
  const excluded = [...plain.matchAll(/!=(\S+)/g)].map(([, version]) => version as string)
  const rest = plain.replace(/!=\S+/g, ' ').trim()
  const range = semver.validRange(rest, { includePrerelease })
  const bad = excluded.some((version) => semver.validRange(version) === null)
  if (range === null || bad || plain === '')
    throw new InvalidConstraint(`improper constraint: ${JSON.stringify(whole)}`)
  return (version) => {
    if (version.prerelease.length > 0 && !includePrerelease) return false
    return (
      semver.satisfies(version, range, { includePrerelease }) &&
      !excluded.some((other) => semver.satisfies(version, other, { includePrerelease }))
    )
  }
}

/** The tag with the highest version that a range admits. @throws InvalidConstraint */
export function latestVersion(tags: readonly string[], range: string): string | undefined {
  const matches = parseConstraint(range)
  let latest: { readonly tag: string; readonly version: semver.SemVer } | undefined
  for (const tag of tags) {
    const version = parseVersion(tag)
    if (version && matches(version) && (!latest || semver.gt(version, latest.version))) latest = { tag, version }
  }
  return latest?.tag
}
