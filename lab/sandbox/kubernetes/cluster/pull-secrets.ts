import type { KubeObject } from '../types.ts'
import type { Objects } from './objects.ts'
import type { PullSecret } from './runtime/images.ts'

/** The registry credentials of a pod: its own imagePullSecrets and those of its service account. */
export function pullSecretsOf(objects: Objects, pod: KubeObject): readonly PullSecret[] {
  const { namespace } = pod.metadata
  const account = objects.get('serviceaccounts', namespace, pod['spec'].serviceAccountName ?? 'default')
  const references = [...(pod['spec'].imagePullSecrets ?? []), ...(account?.['imagePullSecrets'] ?? [])]
  return references.flatMap(({ name }: { name: string }) => {
    const secret = objects.get('secrets', namespace, name)
    return secret ? credentialsOf(secret) : []
  })
}

type DockerAuth = { readonly auth?: string; readonly username?: string; readonly password?: string }

function credentialsOf(secret: KubeObject): PullSecret[] {
  const decode = (key: string) => Buffer.from(secret['data']?.[key] ?? '', 'base64').toString('utf8')
  let auths: Record<string, DockerAuth>
  try {
    if (secret['type'] === 'kubernetes.io/dockerconfigjson') auths = JSON.parse(decode('.dockerconfigjson')).auths ?? {}
    else if (secret['type'] === 'kubernetes.io/dockercfg') auths = JSON.parse(decode('.dockercfg'))
    else return []
  } catch {
    return []
  }
  return Object.entries(auths).map(([registry, { auth = '', username, password }]) => {
    const pair = Buffer.from(auth, 'base64').toString('utf8')
    const colon = pair.indexOf(':')
    return { registry, username: username ?? pair.slice(0, colon), password: password ?? pair.slice(colon + 1) }
  })
}
