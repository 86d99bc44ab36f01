import { isDigest } from './digest.ts'

/** The name of the sandbox's registry on the inside, which is what gets committed to Git. */
export const REGISTRY_NAME = 'registry.lab.test'

/** An image reference, taken apart. `repository` has no host; without tag and digest, clients mean `latest`. */
export type Reference = {
  readonly host: string
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

export const isRepositoryName = (name: string): boolean => name.length <= 255 && NAME.test(name)
export const isTag = (tag: string): boolean => TAG.test(tag)

/** A text that is no image reference; the message is the one that docker and the kubelet print. */
export class InvalidReference extends Error {
  override readonly name = 'InvalidReference'
}

/**
 * Takes a reference apart as docker does: the first part is a host if it has a dot or a port or is `localhost`;
 * without one the host is `docker.io`, where single names live under `library/`. @throws InvalidReference
 */
export function parseReference(text: string): Reference {
  const [named = '', digest, ...rest] = text.split('@')
  if (rest.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw new InvalidReference('invalid reference format')
  }
  const slash = named.indexOf('/')
  const first = named.slice(0, Math.max(0, slash))
  const hasHost = slash > 0 && (/[.:]/.test(first) || first === 'localhost')
  const path = hasHost ? named.slice(slash + 1) : named
  const colon = path.indexOf(':')
  const name = colon < 0 ? path : path.slice(0, colon)
  const tag = colon < 0 ? undefined : path.slice(colon + 1)
  const host = hasHost && first !== 'index.docker.io' ? first : 'docker.io'
  const repository = host === 'docker.io' && !name.includes('/') ? `library/${name}` : name
  if (!isRepositoryName(repository)) {
    if (isRepositoryName(repository.toLowerCase())) {
      throw new InvalidReference(`invalid reference format: repository name (${repository}) must be lowercase`)
    }
    throw new InvalidReference('invalid reference format')
  }
  if (tag !== undefined && !isTag(tag)) throw new InvalidReference('invalid reference format')
  return { host, repository, tag, digest }
}

/** The last part of a manifest's URL: the digest if there is one, else the tag, else `latest`. */
export const selectorOf = (reference: Reference): string => reference.digest ?? reference.tag ?? 'latest'

/** The reference in full, as containerd and docker name it in messages. */
export function formatReference({ host, repository, tag, digest }: Reference): string {
  const version = digest === undefined ? `:${tag ?? 'latest'}` : `${tag === undefined ? '' : `:${tag}`}@${digest}`
  return `${host}/${repository}${version}`
}
