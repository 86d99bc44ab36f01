import { type KubeClient, KubeError } from '../core/kube-client.ts'
import type { Credentials } from '../registry/index.ts'
import { SECRETS } from './resources.ts'

/** The fields of a Secret, decoded. @throws KubeError */
export async function readSecret(
  kube: KubeClient,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const { data } = await kube.get(SECRETS, name, namespace)
  return new Map(
    Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ]),
  )
}

/**
 * The credentials that a reference means: `pullsecret:<namespace>/<name>`, `secret:<namespace>/<name>#<key>` or
 * `env:<variable>`, the latter two holding `user:password`. @throws Error in the real program's words
 */
export async function registryCredentials(
  kube: KubeClient,
  env: ReadonlyMap<string, string>,
  reference: string,
  registry: string,
): Promise<Credentials> {
  const [kind = '', rest = ''] = [
    reference.slice(0, Math.max(0, reference.indexOf(':'))),
    reference.slice(reference.indexOf(':') + 1),
  ]
  if (kind === 'env') return userAndPassword(env.get(rest), `environment variable ${rest}`)
  const match = /^([^/]+)\/([^/#]+)(?:#(.+))?$/.exec(rest)
  if (!match || (kind !== 'pullsecret' && kind !== 'secret'))
    throw new Error(`invalid credential reference: '${reference}'`)
  const [, namespace = '', name = '', key] = match
  const field = kind === 'pullsecret' ? '.dockerconfigjson' : key
  if (field === undefined) throw new Error(`invalid credential reference: '${reference}' names no key`)
  const value = await readSecret(kube, namespace, name).then(
    (data) => data.get(field),
    (error) => {
      const why = error instanceof KubeError ? error.message : String(error)
      throw new Error(`could not fetch secret '${name}' from namespace '${namespace}' (field: '${field}'): ${why}`)
    },
  )
  if (value === undefined) {
    throw new Error(
      `could not fetch secret '${name}' from namespace '${namespace}' (field: '${field}'): secret '${namespace}/${name}' does not have a field '${field}'`,
    )
  }
  return kind === 'secret' ? userAndPassword(value, `secret ${namespace}/${name}`) : dockerCredentials(value, registry)
}

function userAndPassword(value: string | undefined, where: string): Credentials {
  const at = value?.indexOf(':') ?? -1
  if (value === undefined || at < 0) throw new Error(`invalid credentials in ${where}, must be <username>:<password>`)
  return { username: value.slice(0, at), password: value.slice(at + 1) }
}

/** Only the field `auth` of an entry counts, and its key must begin with the registry. */
function dockerCredentials(text: string, registry: string): Credentials {
  const { auths = {} } = JSON.parse(text) as { auths?: Record<string, { auth?: string }> }
  const entry = Object.entries(auths).find(([key]) => key.replace(/^https?:\/\//, '').startsWith(registry))
  if (!entry) throw new Error(`no valid auth entry for registry ${registry} found in image pull secret`)
  if (!entry[1].auth) throw new Error(`no valid auth entry for registry ${registry} found in image pull secret`)
  return userAndPassword(Buffer.from(entry[1].auth, 'base64').toString('utf8'), `entry ${entry[0]}`)
}
