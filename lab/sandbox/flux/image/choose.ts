import { goRegExp } from '../../core/go-regexp.ts'
import { InvalidConstraint, parseConstraint } from '../../core/semver.ts'
import { latestTag } from '../runtime/versions.ts'

export type PolicyChoice = {
  readonly semver?: { readonly range: string }
  readonly alphabetical?: { readonly order?: 'asc' | 'desc' }
  readonly numerical?: { readonly order?: 'asc' | 'desc' }
}

export type FilterTags = { readonly pattern?: string; readonly extract?: string }

/** The policy itself is wrong and has to be changed. */
export class InvalidPolicy extends Error {
  override readonly name = 'InvalidPolicy'
}

/** No tag can be chosen now. */
export class NoChoice extends Error {
  override readonly name = 'NoChoice'
}

/** The newest tag by a policy. @throws InvalidPolicy @throws NoChoice */
export function chooseTag(policy: PolicyChoice, filter: FilterTags | undefined, tags: readonly string[]): string {
  const choose = chooserOf(policy)
  if (!filter) return choose(tags)
  const original = filtered(tags, filter)
  return original.get(choose([...original.keys()])) as string
}

/** Whether a policy can be read, before there are tags. @throws InvalidPolicy */
export function checkPolicy(policy: PolicyChoice): void {
  chooserOf(policy)
}

function chooserOf({ semver, alphabetical, numerical }: PolicyChoice): (tags: readonly string[]) => string {
  if (semver) {
    try {
      parseConstraint(semver.range)
    } catch (error) {
      if (error instanceof InvalidConstraint) throw new InvalidPolicy(`invalid policy: ${error.message}`)
      throw error
    }
    return (tags) => {
      const latest = latestTag(notEmpty(tags), semver.range)
      if (latest === undefined) throw new NoChoice('unable to determine latest version from provided list')
      return latest
    }
  }
  if (alphabetical) {
    return (tags) => {
      const sorted = [...notEmpty(tags)].sort()
      return (alphabetical.order === 'desc' ? sorted[0] : sorted.at(-1)) as string
    }
  }
  if (numerical) return (tags) => latestNumber(notEmpty(tags), numerical.order === 'desc')
  throw new InvalidPolicy('invalid policy: given ImagePolicyChoice object is invalid')
}

function notEmpty(tags: readonly string[]): readonly string[] {
  if (tags.length === 0) throw new NoChoice('version list argument cannot be empty')
  return tags
}

function latestNumber(tags: readonly string[], descending: boolean): string {
  const numbers = tags.map((tag) => {
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(tag)) {
      throw new NoChoice(`failed to parse invalid numeric value '${tag}'`)
    }
    return Number(tag)
  })
  const best = descending ? Math.min(...numbers) : Math.max(...numbers)
  return tags[numbers.lastIndexOf(best)] as string
}

/** What is compared, and the tag that it was taken from. */
function filtered(tags: readonly string[], { pattern = '', extract }: FilterTags): ReadonlyMap<string, string> {
  let expression: RegExp
  try {
    expression = goRegExp(pattern)
  } catch (error) {
    throw new InvalidPolicy(
      `failed to filter tags: invalid regular expression pattern '${pattern}': error parsing regexp: ${(error as Error).message}`,
    )
  }
  const result = new Map<string, string>()
  for (const tag of tags) {
    const match = expression.exec(tag)
    if (match) result.set(extract ? expand(extract, match) : tag, tag)
  }
  return result
}

/** Go's template of a match: `$1`, `$name`, `${name}`, `$$`. */
const expand = (template: string, match: RegExpExecArray): string =>
  template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (text, plain, braced) => {
    const name: string | undefined = plain ?? braced
    if (name === undefined) return '$'
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? (text && '')
  })
