import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Clock } from '../core/clock.ts'
import { ApiError, messageOf } from '../core/errors.ts'
import { closeServer, isOwnHost, listenOnLoopback } from '../core/http.ts'
import type { Store } from '../core/store.ts'
import { type Answer, type Call, json, send } from './answer.ts'
import { BlobRoutes } from './blob-routes.ts'
import { Blobs } from './blobs.ts'
import { errorBody, registryError } from './errors.ts'
import { ManifestRoutes, type Push } from './manifest-routes.ts'
import { Records } from './records.ts'
import { REGISTRY_NAME } from './reference.ts'
import { type Route, routeOf } from './routes.ts'
import { type Access, SERVICE, signToken, verifyToken } from './token.ts'

export type Tag = {
  readonly name: string
  readonly digest: string
  /** RFC 3339. */
  readonly createdAt: string
  /** Bytes of manifest, configuration and layers. */
  readonly size: number
}

export type Registry = {
  /** `127.0.0.1:<port>` */
  readonly host: string
  readonly port: number
  /** A token for GitLab's `/jwt/auth` to hand out: it grants exactly `access`, for 15 minutes. */
  issueRegistryToken(access: readonly Access[], subject: string): string
  /** Repositories of that name or below it (`learner/app` has `learner/app/worker` below); all for ''. */
  repositories(prefix: string): readonly { readonly name: string; readonly createdAt: string }[]
  /** In the order of their names; empty for an unknown repository. */
  tags(repository: string): readonly Tag[]
  /** False if there is no such tag. The manifest stays reachable by its digest. */
  deleteTag(repository: string, tag: string): boolean
  deleteRepository(repository: string): void
  stop(): Promise<void>
}

export type RegistryOptions = {
  readonly store: Store
  /** Holds the blobs; they are content-addressed and never removed, so a restored store finds them again. */
  readonly stateDir: string
  /** 0 or absent: any free port. */
  readonly port?: number
  readonly clock: Clock
  /** URL of GitLab's token endpoint, asked for with each challenge because GitLab may start later. */
  readonly realm: () => string
  readonly onPush?: (push: Push) => void
  readonly log: (line: string) => void
}

/** Serves the OCI distribution API 1.1 on loopback, with GitLab's token flow. @throws PortTaken */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const { store, clock, log } = options
  const blobs = new Blobs(options.stateDir)
  const records = new Records(store)
  const secret = records.secret()
  const blobRoutes = new BlobRoutes(blobs, records)
  const manifestRoutes = new ManifestRoutes(
    blobs,
    records,
    () => clock.now(),
    (push) => options.onPush?.(push),
  )

  function accessOf(request: IncomingMessage, needed: Access | undefined): readonly Access[] {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ')
    const bearer = scheme?.toLowerCase() === 'bearer' ? token : undefined
    const access = bearer === undefined ? undefined : verifyToken(secret, bearer, clock.now())
    if (access && needed?.actions.every((action) => grants(access, needed.name, action)) !== false) return access
    const problem = bearer === undefined ? '' : `,error="${access ? 'insufficient_scope' : 'invalid_token'}"`
    const scope = needed ? `,scope="repository:${needed.name}:${needed.actions.join(',')}"` : ''
    const detail = needed?.actions.map((action) => ({
      Type: 'repository',
      Class: '',
      Name: needed.name,
      Action: action,
    }))
    const error = registryError('UNAUTHORIZED', detail ?? null)
    throw new ApiError(error.status, error.message, {
      ...error.extra,
      challenge: `Bearer realm="${options.realm()}",service="${SERVICE}"${scope}${problem}`,
    })
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (!isOwnHost(request.headers.host, [REGISTRY_NAME]))
      throw new ApiError(421, `this registry is ${REGISTRY_NAME}`, { code: 'UNSUPPORTED' })
    const url = new URL(request.url ?? '/', 'http://registry')
    const method = request.method ?? 'GET'
    const route = routeOf(url.pathname)
    if (!route) throw new ApiError(404, 'page not found', { code: 'UNSUPPORTED' })
    const needed = neededAccess(route, method)
    const access = accessOf(request, needed)
    if (route.type === 'base') return json({})
    if (route.type === 'catalog') throw registryError('DENIED', undefined, 'the catalog of this registry is not public')
    const allows = (name: string, action: string) => grants(access, name, action)
    const call: Call = { request, method, query: url.searchParams, repository: route.repository, allows }
    switch (route.type) {
      case 'tags':
        return manifestRoutes.tags(call)
      case 'manifest':
        return manifestRoutes.manifest(call, route)
      case 'referrers':
        return manifestRoutes.referrers(call, route.digest)
      case 'blob':
        return blobRoutes.blob(call, route.digest)
      case 'uploads':
        return blobRoutes.begin(call)
      case 'upload':
        return blobRoutes.upload(call, route.id)
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await send(request, response, await answer(request))
    } catch (error) {
      if (response.headersSent || response.destroyed) return void response.destroy()
      if (!(error instanceof ApiError)) log(`registry: ${request.method} ${request.url}: ${messageOf(error)}`)
      const known = error instanceof ApiError ? error : new ApiError(500, 'unknown error', { code: 'UNKNOWN' })
      const { challenge } = known.extra
      const headers = {
        'Content-Type': 'application/json',
        ...(typeof challenge === 'string' ? { 'WWW-Authenticate': challenge } : {}),
      }
      // A body that is left unread would be taken for the next request of the connection.
      request.resume()
      await send(request, response, { status: known.status, headers, body: errorBody(known) })
    }
  }

  const server = createServer((request, response) => void handle(request, response))
  const port = await listenOnLoopback(server, options.port ?? 0)
  return {
    host: `127.0.0.1:${port}`,
    port,
    issueRegistryToken: (access, subject) => signToken(secret, access, subject, clock.now()),
    repositories: (prefix) =>
      records
        .repositories()
        .filter((name) => prefix === '' || name === prefix || name.startsWith(`${prefix}/`))
        .flatMap((name) => records.repository(name) ?? []),
    tags: (repository) =>
      records.tags(repository).flatMap(({ name, digest }) => {
        const manifest = records.manifest(repository, digest)
        return manifest ? [{ name, digest, createdAt: manifest.createdAt, size: manifest.totalSize }] : []
      }),
    deleteTag: (repository, tag) => records.deleteTag(repository, tag),
    deleteRepository: (repository) => records.deleteRepository(repository),
    stop: () => closeServer(server),
  }
}

const grants = (access: readonly Access[], name: string, action: string): boolean =>
  access.some((grant) => grant.name === name && (grant.actions.includes(action) || grant.actions.includes('*')))

/** What a token must grant for a request; undefined where any valid token will do. */
export function neededAccess(route: Route, method: string): Access | undefined {
  if (!('repository' in route)) return undefined
  const reads = method === 'GET' || method === 'HEAD'
  const writes = route.type === 'uploads' || route.type === 'upload' || method === 'PUT'
  const actions = writes ? ['pull', 'push'] : reads ? ['pull'] : method === 'DELETE' ? ['delete'] : ['pull']
  return { type: 'repository', name: route.repository, actions }
}
