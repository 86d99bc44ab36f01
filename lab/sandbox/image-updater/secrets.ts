import { messageOf } from '../core/errors.ts'
import type { KubeClient } from '../core/kube-client.ts'
import { SECRETS, secretText } from '../core/kube-objects.ts'
import type { Credentials } from '../registry/index.ts'

/** Where credentials are: the reference of a registry or image, taken apart. */
type Source =
  | { readonly kind: 'env'; readonly variable: string }
  | {
      readonly kind: 'secret' | 'pullsecret'
      readonly namespace: string
      readonly name: string
      readonly field: string
    }

/**
 * The credentials for a registry that a reference means: `pullsecret:<namespace>/<name>`,
 * `secret:<namespace>/<name>#<key>` or `env:<variable>`, the latter two holding `user:password`.
 * @throws Error in the real program's words
 */
export async function registryCredentials(
  kube: KubeClient,
  env: ReadonlyMap<string, string>,
  reference: string,
  apiUrl: string,
  warn: (text: string) => void,
): Promise<Credentials> {
  let source: Source
  try {
    source = sourceOf(reference)
  } catch (error) {
    warn(`Invalid credential reference specified: ${reference}`)
    throw error
  }
  try {
    return await fetchCredentials(kube, env, source, apiUrl)
  } catch (error) {
    warn(`Could not fetch credentials: ${messageOf(error)}`)
    throw error
  }
}

/** @throws Error when a reference is none */
function sourceOf(reference: string): Source {
  const [, definition = reference] = /^[^=]+=(.+)$/s.exec(reference) ?? []
  const [kind = '', value = '', ...more] = definition.split(':')
  if (kind === '' || value === '' || more.length > 0) throw new Error(`invalid credential spec: ${reference}`)
  switch (kind.toLowerCase()) {
    case 'env':
      return { kind: 'env', variable: value }
    case 'pullsecret':
    case 'secret': {
      const isPullSecret = kind.toLowerCase() === 'pullsecret'
      const match = (isPullSecret ? /^([^/]+)\/([^/]+)$/ : /^([^/#]+)\/([^/#]+)#([^#]+)$/).exec(value)
      if (!match) throw new Error(`invalid secret definition: ${value}`)
      const [, namespace = '', name = '', field = '.dockerconfigjson'] = match
      return { kind: isPullSecret ? 'pullsecret' : 'secret', namespace, name, field }
    }
    case 'ext':
      throw new Error('credentials of a script (ext:) are not supported in this sandbox')
    default:
      throw new Error(`unknown credential source: ${kind}`)
  }
}

async function fetchCredentials(
  kube: KubeClient,
  env: ReadonlyMap<string, string>,
  source: Source,
  apiUrl: string,
): Promise<Credentials> {
  if (source.kind === 'env') {
    const text = env.get(source.variable)
    if (!text) throw new Error(`could not fetch credentials: env '${source.variable}' is not set`)
    const found = userAndPassword(text)
    if (found?.username && found.password) return found
    throw new Error(`could not fetch credentials: value of ${source.variable} is malformed`)
  }
  const { kind, namespace, name, field } = source
  const where = `secret '${name}' from namespace '${namespace}' (field`
  const secret = await kube.get(SECRETS, name, namespace).catch((error) => {
    throw new Error(`could not fetch ${where}: '${field}'): ${messageOf(error)}`)
  })
  const value = secretText(secret, field)
  if (value === undefined) {
    throw new Error(
      `could not fetch ${where}: '${field}'): secret '${namespace}/${name}' does not have a field '${field}'`,
    )
  }
  if (kind === 'pullsecret') return dockerCredentials(value, apiUrl)
  const found = userAndPassword(value)
  if (!found) throw new Error(`invalid credentials in ${where} '${field}')`)
  return found
}

function userAndPassword(text: string): Credentials | undefined {
  const at = text.indexOf(':')
  return at < 0 ? undefined : { username: text.slice(0, at), password: text.slice(at + 1) }
}

/** Only the field `auth` of an entry counts, and its key must begin with the URL of the registry or its host. */
function dockerCredentials(text: string, apiUrl: string): Credentials {
  const { auths } = JSON.parse(text) as { auths?: Record<string, { auth?: unknown }> }
  if (!auths) throw new Error('no credentials in image pull secret')
  const host = apiUrl.replace(/^https?:\/\//, '')
  const entry = Object.entries(auths).find(([key]) => key.startsWith(apiUrl) || key.startsWith(host))
  if (!entry) throw new Error(`no valid auth entry for registry ${apiUrl} found in image pull secret`)
  const [registry, { auth }] = entry
  if (typeof auth !== 'string') {
    throw new Error(`invalid auth token for registry entry ${registry} ('auth' should be string')`)
  }
  const found = userAndPassword(Buffer.from(auth, 'base64').toString('utf8'))
  if (!found) throw new Error(`invalid data after base64 decoding auth entry for registry entry ${registry}`)
  return found
}
