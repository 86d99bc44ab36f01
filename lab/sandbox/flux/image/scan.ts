import { goRegExp } from '../../core/go-regexp.ts'

/** Checksum of RFC 1950, as zlib computes it. */
export function adler32(text: string): number {
  let a = 1
  let b = 0
  for (const byte of Buffer.from(text)) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return b * 65_536 + a
}

export type TagList = {
  /** Descending. */
  readonly tags: readonly string[]
  readonly latestTags: readonly string[]
  readonly checksum: string
}

const LATEST_TAGS = 10

/** The tags of a scan without those that are excluded. Throws an Error that names a pattern which is none. */
export function tagListOf(tags: readonly string[], exclusions: readonly string[]): TagList {
  const patterns = exclusions.map((pattern) => {
    try {
      return goRegExp(pattern)
    } catch {
      throw new Error(`failed to compile regex ${pattern}: error parsing regexp`)
    }
  })
  const kept = tags.filter((tag) => !patterns.some((pattern) => pattern.test(tag)))
  const sorted = kept.sort((a, b) => (a > b ? -1 : a < b ? 1 : 0))
  return {
    tags: sorted,
    latestTags: sorted.slice(0, LATEST_TAGS),
    checksum: String(adler32(JSON.stringify(sorted))),
  }
}
