import { latestVersion, parseConstraint } from '../../core/semver.ts'

/** The tag with the highest version that a range admits; Flux counts no tag that lacks a part. @throws InvalidConstraint */
export const latestTag = (tags: readonly string[], range: string): string | undefined =>
  latestVersion(
    tags.filter((tag) => tag.split('.').length > 2),
    parseConstraint(range),
  )
