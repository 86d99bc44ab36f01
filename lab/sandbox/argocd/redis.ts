import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../core/http.ts'
import { KubeError } from '../core/kube-client.ts'
import { SECRETS, secretText } from '../core/kube-objects.ts'
import { type ProgramContext, untilStopped } from '../core/program.ts'

const REDIS_PORT = 6379

/**
 * What stands in for Redis: values by key, held while the pod lives, over HTTP instead of Redis' own protocol. The
 * controller leaves trees and differences here for argocd-server.
 */
export async function redis(context: ProgramContext): Promise<number> {
  const values = new Map<string, Buffer>()
  const password = context.env.get('REDIS_PASSWORD') ?? ''
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.authorization !== `Bearer ${password}`) return response.writeHead(401).end('NOAUTH')
    const key = request.url ?? ''
    if (request.method === 'PUT') {
      values.set(key, await readBody(request))
      return response.writeHead(204).end()
    }
    if (request.method === 'DELETE') {
      values.delete(key)
      return response.writeHead(204).end()
    }
    const value = values.get(key)
    return response.writeHead(value ? 200 : 404).end(value)
  }
  await context.listen(REDIS_PORT, (request, response) => void answer(request, response))
  context.log('* Ready to accept connections (HTTP: the sandbox does not speak the Redis protocol)')
  return untilStopped(context)
}

/** The init container of argocd-redis: makes the password that Redis and its clients share, once. */
export async function redisInitialPassword({ kube, pod, log }: ProgramContext): Promise<number> {
  const data = { auth: Buffer.from(randomBytes(18).toString('base64url')).toString('base64') }
  const metadata = { name: PASSWORD_SECRET, namespace: pod.namespace }
  try {
    await kube.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data })
    log('Initial Redis password has been written to Secret argocd-redis')
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 409)) throw error
    log('Secret argocd-redis is there already')
  }
  return 0
}

const PASSWORD_SECRET = 'argocd-redis'

/** The values that components of Argo CD share. */
export class SharedCache {
  private password: string | undefined

  constructor(private readonly context: Pick<ProgramContext, 'names' | 'kube' | 'pod' | 'env'>) {
    this.password = context.env.get('REDIS_PASSWORD') || undefined
  }

  /** Throws when redis is not there. */
  async set(key: string, value: unknown): Promise<void> {
    const response = await this.call('PUT', key, JSON.stringify(value))
    if (!response.ok) throw new Error(`redis answered ${response.status}`)
  }

  /** Undefined when there is no such value or no redis. */
  async get<T>(key: string): Promise<T | undefined> {
    const response = await this.call('GET', key).catch(() => undefined)
    return response?.ok ? ((await response.json()) as T) : undefined
  }

  async remove(key: string): Promise<void> {
    await this.call('DELETE', key).catch(() => undefined)
  }

  private async call(method: string, key: string, body?: string): Promise<Response> {
    const { names, kube, pod } = this.context
    if (this.password === undefined) {
      const secret = await kube.get(SECRETS, PASSWORD_SECRET, pod.namespace)
      this.password = secretText(secret, 'auth') ?? ''
    }
    const url = `http://argocd-redis.${pod.namespace}.svc:${REDIS_PORT}/${encodeURIComponent(key)}`
    const headers = { authorization: `Bearer ${this.password}` }
    const response = await names.fetch(url, { method, body, headers })
    // The Secret may have been made anew since.
    if (response.status === 401) this.password = undefined
    return response
  }
}
