import type { KubeObject } from '../../types.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { ADMIN, type User } from './tokens.ts'

/** What somebody wants to do. Either a resource or a path that is none. */
export type Attributes = {
  readonly verb: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly path?: string
}

export type Rule = {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

type Subject = { readonly kind: string; readonly name: string; readonly namespace?: string }

const RBAC = 'rbac.authorization.k8s.io'

/** Paths that anybody may read. */
const PUBLIC = ['/version', '/version/', '/healthz', '/livez', '/readyz']

const has = (list: readonly string[] | undefined, ...wanted: readonly string[]): boolean =>
  list?.some((item) => item === '*' || wanted.includes(item)) ?? false

function allows(rule: Rule, { verb, group, resource, subresource, name, path }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false
  if (path !== undefined) {
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path,
    )
  }
  const full = subresource ? `${resource}/${subresource}` : (resource ?? '')
  const names = [full, ...(subresource ? [`*/${subresource}`] : [])]
  if (!has(rule.apiGroups, group ?? '') || !has(rule.resources, ...names)) return false
  return !rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name))
}

function isSubject({ kind, name, namespace }: Subject, user: User): boolean {
  if (kind === 'User') return name === user.name
  if (kind === 'Group') return user.groups.includes(name)
  return kind === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace}:${name}`
}

export type Grant = { readonly rules: readonly Rule[]; readonly binding: KubeObject; readonly subject: Subject }

function grantsOf(registry: StoreRegistry, user: User, plural: string, namespace: string | undefined): Grant[] {
  const bindings = registry.find(RBAC, plural)
  if (!bindings) return []
  return registry.storage.list(bindings, namespace).flatMap((binding): Grant[] => {
    const own = binding.metadata.namespace
    const subject = ((binding['subjects'] ?? []) as Subject[]).find((s) => isSubject({ namespace: own, ...s }, user))
    if (!subject) return []
    const roles = registry.find(RBAC, binding['roleRef'].kind === 'Role' ? 'roles' : 'clusterroles')
    const role = roles && registry.storage.read(roles, own, binding['roleRef'].name)
    return role ? [{ rules: (role['rules'] ?? []) as Rule[], binding, subject }] : []
  })
}

/** Everything that stored roles and bindings grant a user in a namespace, or in the whole cluster. */
export const grants = (registry: StoreRegistry, user: User, namespace: string | undefined): Grant[] => [
  ...grantsOf(registry, user, 'clusterrolebindings', undefined),
  ...(namespace ? grantsOf(registry, user, 'rolebindings', namespace) : []),
]

function reasonOf({ binding, subject }: Grant): string {
  const { kind: roleKind, name: role } = binding['roleRef']
  const { name, namespace } = binding.metadata
  const where = namespace ? `${name}/${namespace}` : name
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name
  return `RBAC: allowed by ${binding.kind} ${JSON.stringify(where)} of ${roleKind} ${JSON.stringify(role)} to ${subject.kind} ${JSON.stringify(who)}`
}

/**
 * Whether somebody may do something. The administrator may do everything, and so may every service account that
 * presents its own token: what the sandbox's controllers may do is not limited to what their roles say. Impersonated
 * and anonymous users have what the stored roles and bindings grant them.
 */
export function authorize(
  registry: StoreRegistry,
  user: User & { readonly impersonated?: boolean },
  attributes: Attributes,
): { allowed: boolean; reason?: string } {
  const isAccount = user.groups.includes('system:serviceaccounts') && !user.impersonated
  if (user.name === ADMIN.name || user.groups.includes('system:masters') || isAccount) return { allowed: true }
  if (attributes.path !== undefined && attributes.verb === 'get') {
    const authenticated = user.groups.includes('system:authenticated')
    const { path } = attributes
    const discovery = /^\/(api|apis|openapi)(\/|$)/.test(path)
    if (PUBLIC.includes(path) || (authenticated && discovery)) return { allowed: true }
  }
  const { group, resource, verb } = attributes
  const ownReview = verb === 'create' && group === 'authorization.k8s.io' && resource?.startsWith('selfsubject')
  const whoAmI = verb === 'create' && group === 'authentication.k8s.io' && resource === 'selfsubjectreviews'
  if ((ownReview || whoAmI) && user.groups.includes('system:authenticated')) return { allowed: true }
  for (const grant of grants(registry, user, attributes.namespace)) {
    if (grant.rules.some((rule) => allows(rule, attributes))) return { allowed: true, reason: reasonOf(grant) }
  }
  return { allowed: false }
}
