import type { KubeClient } from '../../core/kube-client.ts'
import { SECRETS, SERVICE_ACCOUNTS, secretData } from '../../core/kube-objects.ts'
import type { RegistryCredentials } from './registry.ts'

/** Credentials for a registry host from a `kubernetes.io/dockerconfigjson` document; undefined if it has none. */
export function credentialsIn(dockerConfig: string, host: string): RegistryCredentials | undefined {
  const { auths = {} } = JSON.parse(dockerConfig) as {
    auths?: Record<string, { username?: string; password?: string; auth?: string }>
  }
  const key = Object.keys(auths).find((one) => one.replace(/^https?:\/\//, '').split('/')[0] === host)
  const entry = key === undefined ? undefined : auths[key]
  if (!entry) return undefined
  if (entry.username !== undefined) return { username: entry.username, password: entry.password ?? '' }
  const [username = '', ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  return { username, password: password.join(':') }
}

/**
 * Credentials for an ImageRepository's registry: from its secret, then from the pull secrets of its service account.
 * Throws the API's error for a Secret that is not there.
 */
export async function registryCredentials(
  kube: KubeClient,
  namespace: string,
  spec: { readonly secretRef?: { readonly name: string }; readonly serviceAccountName?: string },
  host: string,
): Promise<RegistryCredentials | undefined> {
  const names = spec.secretRef ? [spec.secretRef.name] : []
  if (spec.serviceAccountName) {
    const account = await kube.get(SERVICE_ACCOUNTS, spec.serviceAccountName, namespace)
    names.push(...((account['imagePullSecrets'] ?? []) as { name: string }[]).map(({ name }) => name))
  }
  for (const name of names) {
    const document = secretData(await kube.get(SECRETS, name, namespace))['.dockerconfigjson']
    if (document === undefined) {
      throw new Error(`secret '${namespace}/${name}' must be of type 'kubernetes.io/dockerconfigjson'`)
    }
    const found = credentialsIn(document, host)
    if (found) return found
  }
  return undefined
}
