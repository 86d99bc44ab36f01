import type { KubeObject } from '../core/kube-client.ts'
import { secretText } from '../core/kube-objects.ts'
import type { Repository } from './repo-server/protocol.ts'

export const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type'

/** URLs of one repository in one spelling: no `.git`, no slash at the end, lower case. */
export const normalizeUrl = (url: string): string =>
  url
    .trim()
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')

const ofType = (secrets: readonly KubeObject[], type: string): KubeObject[] =>
  secrets.filter((secret) => secret.metadata.labels?.[SECRET_TYPE_LABEL] === type)

/**
 * A repository with the credentials that the labelled Secrets have for it: those of a Secret of its own (one of the
 * project first), else those of the template whose URL is the longest beginning of its own.
 */
export function findRepository(secrets: readonly KubeObject[], url: string, project = ''): Repository {
  const wanted = normalizeUrl(url)
  const own = ofType(secrets, 'repository').filter((secret) => normalizeUrl(secretText(secret, 'url') ?? '') === wanted)
  const match =
    own.find((secret) => project !== '' && secretText(secret, 'project') === project) ??
    own.find((secret) => (secretText(secret, 'project') ?? '') === '')
  const credentials = match && credentialsOf(match)
  if (credentials) return { url, credentials }
  const templates = ofType(secrets, 'repo-creds')
    .map((secret) => ({ secret, prefix: normalizeUrl(secretText(secret, 'url') ?? '') }))
    .filter(({ prefix }) => prefix !== '' && wanted.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)
  const inherited = templates[0] && credentialsOf(templates[0].secret)
  return inherited ? { url, credentials: inherited } : { url }
}

function credentialsOf(secret: KubeObject): Repository['credentials'] {
  const [username, password] = [secretText(secret, 'username') ?? '', secretText(secret, 'password') ?? '']
  return username !== '' || password !== '' ? { username, password } : undefined
}
