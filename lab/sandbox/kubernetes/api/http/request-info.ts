/** What a path under `/api` or `/apis` asks for. */
export type ResourcePath = {
  readonly group: string
  readonly version: string
  readonly namespace: string | undefined
  readonly plural: string
  readonly name: string | undefined
  readonly subresource: string | undefined
  /** What follows the subresource: `/healthz` in `…/proxy/healthz`; '' if nothing does. */
  readonly rest: string
  /** The old form of a watch: `/api/v1/watch/…` */
  readonly watch: boolean
}

export type GroupPath = { readonly group: string | undefined; readonly version: string | undefined }

/**
 * Reads a path: of a resource, of discovery (`/apis`, `/apis/apps`, `/apis/apps/v1`), or of neither. A namespace is a
 * resource itself and the home of others: `/api/v1/namespaces/a`, `/api/v1/namespaces/a/status`,
 * `/api/v1/namespaces/a/pods`.
 */
export function parsePath(path: string): { resource?: ResourcePath; discovery?: GroupPath } {
  const segments = path.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  const [root, ...after] = segments
  if (root !== 'api' && root !== 'apis') return {}
  const [group, version, ...rest] = root === 'api' ? ['', ...after] : after
  if (rest.length === 0) return { discovery: { group, version } }
  const decoded = rest.map(decodeSegment)
  const watch = decoded[0] === 'watch'
  const [first, second, third, ...others] = watch ? decoded.slice(1) : decoded
  const base = { group: group as string, version: version as string, watch }
  if (first === undefined) return {}
  if (first === 'namespaces' && second !== undefined && third !== undefined) {
    if (!['status', 'finalize'].includes(third)) {
      const [name, subresource, ...tail] = others
      return { resource: { ...base, namespace: second, plural: third, name, subresource, rest: restOf(path, tail) } }
    }
  }
  const namespace = first === 'namespaces' && second !== undefined ? second : undefined
  return {
    resource: { ...base, namespace, plural: first, name: second, subresource: third, rest: restOf(path, others) },
  }
}

/** The end of the path as it was sent, with a slash in front and its own at the end. */
function restOf(path: string, tail: readonly string[]): string {
  const slash = path.endsWith('/') ? '/' : ''
  if (tail.length === 0) return slash
  const segments = path.split('/').filter((_, at, all) => !(slash && at === all.length - 1))
  return `/${segments.slice(-tail.length).join('/')}${slash}`
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The verb of RBAC that a request uses. */
export function verbOf(method: string, { name }: Pick<ResourcePath, 'name'>, watch: boolean): string {
  if (method === 'GET' || method === 'HEAD') return watch ? 'watch' : name === undefined ? 'list' : 'get'
  if (method === 'POST') return 'create'
  if (method === 'PUT') return 'update'
  if (method === 'PATCH') return 'patch'
  if (method === 'DELETE') return name === undefined ? 'deletecollection' : 'delete'
  return method.toLowerCase()
}
