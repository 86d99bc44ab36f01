import type { GitAuth } from '../../core/git-remote.ts'
import { type KubeClient, KubeError, type KubeObject } from '../../core/kube-client.ts'
import { SECRETS } from '../../core/kube-objects.ts'

/** The credentials cannot be had or used; the message is what the condition says. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
}

/** Reads a Secret. @throws AuthError with `failed` in front when there is none */
export async function readSecret(
  kube: KubeClient,
  namespace: string,
  name: string,
  failed: string,
): Promise<KubeObject> {
  try {
    return await kube.get(SECRETS, name, namespace)
  } catch (error) {
    if (error instanceof KubeError) throw new AuthError(`${failed}: ${error.message}`)
    throw error
  }
}

/**
 * What a GitRepository's Secret and URL say. A user without a password is sent with an empty one.
 * @throws AuthError for what this sandbox cannot use
 */
export function gitAuthOf(url: string, data: Readonly<Record<string, string>>): GitAuth {
  const failed = (why: string) => new AuthError(`failed to configure authentication options: ${why}`)
  for (const key of ['caFile', 'ca.crt', 'tls.crt', 'tls.key', 'certFile', 'keyFile', 'githubAppID']) {
    if (data[key]) throw failed(`the Secret's key '${key}' is not supported by this sandbox`)
  }
  const { protocol, username: userOfUrl, password: passwordOfUrl } = new URL(url)
  if (protocol === 'ssh:') throw failed('ssh is not supported by this sandbox; use the http URL of the repository')
  if (data['bearerToken'] !== undefined) return { bearerToken: data['bearerToken'] }
  const username = data['username'] || decodeURIComponent(userOfUrl)
  const password = data['password'] || decodeURIComponent(passwordOfUrl)
  if (password && !username) {
    throw failed(`invalid '${protocol.slice(0, -1)}' auth option: 'password' requires 'username' to be set`)
  }
  return username ? { basic: { username, password } } : {}
}
