/** Scopes that a personal access token may have here. GitLab has more; what they open does not exist in the sandbox. */
export const ACCESS_TOKEN_SCOPES = [
  'api',
  'read_api',
  'read_user',
  'read_repository',
  'write_repository',
  'read_registry',
  'write_registry',
  'self_rotate',
] as const

export const DEPLOY_TOKEN_SCOPES = ['read_repository', 'read_registry', 'write_registry'] as const

/** What a caller may do with code and images. */
export type Ability = 'download_code' | 'push_code' | 'read_image' | 'write_image' | 'delete_image'

const ABILITIES: Readonly<Record<string, readonly Ability[]>> = {
  api: ['download_code', 'push_code', 'read_image', 'write_image', 'delete_image'],
  read_repository: ['download_code'],
  write_repository: ['download_code', 'push_code'],
  read_registry: ['read_image'],
  write_registry: ['write_image'],
}

export const abilitiesOf = (scopes: readonly string[]): ReadonlySet<Ability> =>
  new Set(scopes.flatMap((scope) => ABILITIES[scope] ?? []))

/** The part of the REST API that a request belongs to, as far as scopes tell parts apart. */
export type ApiArea = 'any' | 'user' | 'repository-files' | 'other'

/** The scopes of which a token needs one to make a request. */
export function scopesFor(method: string, area: ApiArea): readonly string[] {
  const reads = method === 'GET' || method === 'HEAD'
  if (!reads) return ['api']
  if (area === 'user') return ['api', 'read_api', 'read_user']
  if (area === 'repository-files') return ['api', 'read_api', 'read_repository']
  return ['api', 'read_api']
}
