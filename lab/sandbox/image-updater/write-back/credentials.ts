import { findRepository, SECRET_TYPE_LABEL } from '../../argocd/index.ts'
import { messageOf } from '../../core/errors.ts'
import type { GitCredentials } from '../../core/git.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { SECRETS, secretData } from '../../core/kube-objects.ts'
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
  let data: Readonly<Record<string, string>>
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
    const secret = await kube.get(SECRETS, name, namespace).catch((error) => {
      throw failed(messageOf(error))
    })
    data = secretData(secret)
    where = `${namespace}/${name}`
  }
  if (!isHttps(repository) && !plainHosts.includes(hostOf(repository))) {
    if (/^(ssh:|[^/]+@[^/]+:)/.test(repository))
      throw failed('not supported in this sandbox: ssh; use the http URL of the repository')
    throw failed('unknown repository type')
  }
  const { username, password } = data
  if (!username && data['githubAppID']) throw failed('not supported in this sandbox: a GitHub App')
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

async function argocdCredentials(
  kube: KubeClient,
  repository: string,
  namespace: string,
): Promise<GitCredentials | undefined> {
  const lists = ['repository', 'repo-creds'].map((type) =>
    kube.list(SECRETS, { namespace, labelSelector: `${SECRET_TYPE_LABEL}=${type}` }),
  )
  return findRepository(
    (await Promise.all(lists)).flatMap(({ items }) => items),
    repository,
  ).credentials
}
