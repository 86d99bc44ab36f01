import type { GitCredentials } from '../../core/git.ts'
import { type KubeClient, KubeError } from '../../core/kube-client.ts'
import { SECRETS } from '../resources.ts'
import { readSecret } from '../secrets.ts'
import type { WriteBack } from './config.ts'

type Git = Extract<WriteBack, { method: 'git' }>

/**
 * Credentials for pushing to a repository: from the Secret that the write-back method names, or those that Argo CD has
 * for it. @throws Error in the real program's words
 */
export async function gitCredentials(
  kube: KubeClient,
  { repository, credentials }: Git,
  namespace: string,
  plainHosts: readonly string[],
): Promise<GitCredentials> {
  const failed = (why: string) => new Error(`could not get creds for repo '${repository}': ${why}`)
  let data: ReadonlyMap<string, string>
  let where: string
  if (credentials === 'repocreds') {
    const found = await argocdCredentials(kube, repository, namespace)
    if (!found) throw failed(`credentials for '${repository}' are not configured in Argo CD settings`)
    data = found
    where = 'of Argo CD'
  } else {
    const { name } = credentials
    const secretNamespace = credentials.namespace ?? namespace
    if (secretNamespace !== namespace) {
      throw failed(`secret namespace '${secretNamespace}' differs from app namespace '${namespace}'`)
    }
    data = await readSecret(kube, namespace, name).catch((error) => {
      throw failed(error instanceof KubeError ? error.message : String(error))
    })
    where = `${namespace}/${name}`
  }
  if (!isHttps(repository) && !plainHosts.includes(hostOf(repository))) {
    if (/^(ssh:|[^/]+@[^/]+:)/.test(repository))
      throw failed('not supported in this sandbox: ssh; use the http URL of the repository')
    throw failed('unknown repository type')
  }
  const username = data.get('username')
  const password = data.get('password')
  if (!username && data.get('githubAppID')) throw failed('not supported in this sandbox: a GitHub App')
  if (!username)
    throw failed(`invalid repository credentials in secret ${where}: does not contain githubAppID or username`)
  if (!password) throw failed(`invalid secret ${where.split('/').at(-1)}: does not contain field password`)
  return { username, password }
}

const isHttps = (url: string): boolean => url.startsWith('https://')

export function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}

/** The repository Secret of this very URL, else the credential template with the longest matching beginning. */
async function argocdCredentials(
  kube: KubeClient,
  repository: string,
  namespace: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const secretsOf = async (type: string) => {
    const { items } = await kube.list(SECRETS, { namespace, labelSelector: `argocd.argoproj.io/secret-type=${type}` })
    return items.map(
      ({ data }) =>
        new Map(
          Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => [
            key,
            Buffer.from(value, 'base64').toString('utf8'),
          ]),
        ),
    )
  }
  const own = (await secretsOf('repository')).find(
    (data) => normalized(data.get('url') ?? '') === normalized(repository),
  )
  const templates = (await secretsOf('repo-creds'))
    .filter((data) => data.get('url') && repository.startsWith(data.get('url') as string))
    .sort((a, b) => (b.get('url') as string).length - (a.get('url') as string).length)
  return [own, ...templates].find((data) => data?.get('username') || data?.get('password'))
}

const normalized = (url: string): string =>
  url
    .trim()
    .toLowerCase()
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
