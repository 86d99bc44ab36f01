import { randomBytes } from 'node:crypto'
import { isNotFound, type KubeClient, KubeError, type KubeObject, type ResourceId } from '../../core/kube-client.ts'
import { SECRETS, secretText, timestamp } from '../../core/kube-objects.ts'
import type { ProgramContext } from '../../core/program.ts'
import { PROJECTS } from '../application.ts'
import { ApiFailure } from './errors.ts'
import { hashPassword, newPassword, verifyPassword } from './passwords.ts'
import { type Claims, issueToken, readToken } from './tokens.ts'

const PART_OF = { 'app.kubernetes.io/part-of': 'argocd' }

/** The one account of the sandbox's Argo CD, `admin`, as it is kept in Secret argocd-secret. */
export class Accounts {
  constructor(private readonly context: ProgramContext) {}

  /** Makes what argocd-server makes when it starts: a password, a signing key, the project `default`. */
  async prepare(): Promise<void> {
    const { kube, pod, clock } = this.context
    const secret = await getOrCreate(kube, SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argocd-secret', namespace: pod.namespace, labels: PART_OF },
      type: 'Opaque',
    })
    const added: Record<string, string> = {}
    if (!secretText(secret, 'server.secretkey')) added['server.secretkey'] = randomBytes(32).toString('base64')
    if (!secretText(secret, 'admin.password')) {
      const password = newPassword()
      await this.writeInitialPassword(password)
      added['admin.password'] = hashPassword(password)
      added['admin.passwordMtime'] = timestamp(clock.now())
    }
    if (Object.keys(added).length > 0)
      await kube.patch(SECRETS, 'argocd-secret', pod.namespace, 'merge', { data: encoded(added) })
    await getOrCreate(kube, PROJECTS, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: pod.namespace },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ server: '*', namespace: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    })
  }

  /** @throws ApiFailure */
  async login(username: string, password: string): Promise<string> {
    if (username === '' || password === '') throw new ApiFailure('Unauthenticated', 'no credentials supplied')
    const secret = await this.secret()
    const stored = secretText(secret, 'admin.password') ?? ''
    if (stored.startsWith('$2'))
      this.context.log(
        'level=warning msg="admin.password is a bcrypt hash, which the sandbox cannot check: remove admin.password and restart argocd-server for a new one"',
      )
    if (username !== 'admin' || !verifyPassword(password, stored))
      throw new ApiFailure('Unauthenticated', 'Invalid username or password')
    return issueToken(secretText(secret, 'server.secretkey') ?? '', this.context.clock.now())
  }

  async claims(token: string | undefined): Promise<Claims | undefined> {
    if (!token) return undefined
    const secret = await this.secret()
    const changed = Date.parse(secretText(secret, 'admin.passwordMtime') ?? '') || 0
    return readToken(token, secretText(secret, 'server.secretkey') ?? '', this.context.clock.now(), changed)
  }

  async webhookToken(): Promise<string | undefined> {
    return secretText(await this.secret(), 'webhook.gitlab.secret')
  }

  private secret(): Promise<KubeObject> {
    return this.context.kube.get(SECRETS, 'argocd-secret', this.context.pod.namespace)
  }

  private async writeInitialPassword(password: string): Promise<void> {
    const { kube, pod } = this.context
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argocd-initial-admin-secret', namespace: pod.namespace },
      type: 'Opaque',
      data: encoded({ password }),
    }
    await kube.create(SECRETS, object).catch(async (error: unknown) => {
      if (!(error instanceof KubeError && error.code === 409)) throw error
      await kube.patch(SECRETS, object.metadata.name, pod.namespace, 'merge', { data: object['data'] })
    })
  }
}

const encoded = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))

/** The object, made if it is not there; several may try at once. */
export async function getOrCreate(kube: KubeClient, resource: ResourceId, object: KubeObject): Promise<KubeObject> {
  try {
    return await kube.get(resource, object.metadata.name, object.metadata.namespace)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  return kube.create(resource, object).catch((error: unknown) => {
    if (error instanceof KubeError && error.code === 409)
      return kube.get(resource, object.metadata.name, object.metadata.namespace)
    throw error
  })
}
