import { git } from '../../core/git.ts'
import { type GitAuth, listRefs, type RemoteRepository } from '../../core/git-remote.ts'
import { type KubeClient, KubeError, type KubeObject } from '../../core/kube-client.ts'
import { secretData } from '../../core/kube-objects.ts'
import type { Names } from '../../core/names.ts'
import { clone, gitRemote, REMOTE } from '../git/clone.ts'
import { gitAuthOf, readSecret } from '../git/credentials.ts'
import { type Commit, DEFAULT_BRANCH, type GitReference } from '../git/reference.ts'
import { getAsCached } from '../runtime/cached-get.ts'
import { GIT_REPOSITORIES } from '../runtime/resources.ts'
import type { Subject } from '../runtime/subject.ts'
import { refusalOf } from '../runtime/unsupported.ts'

/** Where an automation reads from and pushes to. */
export type GitPlan = {
  readonly url: string
  readonly auth: GitAuth
  readonly timeout: string
  readonly reference: GitReference
  readonly pushBranch: string
  /** Whether it pushes to another branch than it reads. */
  readonly switchBranch: boolean
}

/** The plan cannot be made; `stalled` when only a change of the spec helps. */
export class PlanError extends Error {
  override readonly name = 'PlanError'

  constructor(
    message: string,
    readonly reason: 'SourceManagerFailed' | 'InvalidSourceConfiguration' | 'AccessDenied',
  ) {
    super(message)
  }
}

/** Reads the GitRepository that an automation refers to. Whether that is suspended makes no difference. */
export async function planOf(kube: KubeClient, subject: Subject, noCrossNamespaceRefs: boolean): Promise<GitPlan> {
  const { sourceRef, git: settings } = subject.spec
  if (!settings) {
    const why = "source kind 'GitRepository' necessitates field .spec.git: invalid source configuration"
    throw new PlanError(why, 'InvalidSourceConfiguration')
  }
  const namespace: string = sourceRef.namespace ?? subject.namespace
  if (noCrossNamespaceRefs && namespace !== subject.namespace) {
    const why = `can't access 'GitRepository/${namespace}/${sourceRef.name}', cross-namespace references have been blocked`
    throw new PlanError(why, 'AccessDenied')
  }
  const failed = (why: string) => new PlanError(`failed configuring source manager: ${why}`, 'SourceManagerFailed')
  let source: KubeObject
  try {
    source = await getAsCached(kube, GIT_REPOSITORIES, sourceRef.name, namespace)
  } catch (error) {
    if (error instanceof KubeError) throw failed(`referenced git repository does not exist: ${error.message}`)
    throw error
  }
  const { spec } = source
  const refusal = refusalOf('image-automation-controller', spec, [
    'proxySecretRef',
    { path: 'provider', unless: (provider) => provider === 'generic' },
  ])
  if (refusal) throw failed(`GitRepository '${namespace}/${sourceRef.name}': ${refusal}`)
  const reference: GitReference = settings.checkout?.ref ?? spec.ref ?? {}
  const pushBranch: string | undefined = settings.push?.branch || reference.branch
  if (!pushBranch) {
    throw failed(
      'push spec not provided, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref',
    )
  }
  const named = settings.checkout || spec.ref ? reference.branch : DEFAULT_BRANCH
  try {
    const auth = await authOf(kube, namespace, spec)
    const { url, timeout = '60s' } = spec
    return { url, auth, timeout, reference, pushBranch, switchBranch: pushBranch !== named }
  } catch (error) {
    if (error instanceof Error) throw failed(error.message)
    throw error
  }
}

async function authOf(
  kube: KubeClient,
  namespace: string,
  spec: { readonly url: string; readonly secretRef?: { readonly name: string } },
): Promise<GitAuth> {
  if (!spec.secretRef) return gitAuthOf(spec.url, {})
  const { name } = spec.secretRef
  const secret = await readSecret(kube, namespace, name, `failed to get auth secret '${namespace}/${name}'`)
  return gitAuthOf(spec.url, secretData(secret))
}

export const repositoryOf = ({ url, auth }: GitPlan, names: Names, signal: AbortSignal): RemoteRepository => ({
  url,
  auth,
  names,
  signal,
})

/**
 * Checks the source out, on the branch that will be pushed: when that is another one and exists already, its files are
 * what is there afterwards. Without a message in the commit, nothing was fetched because it is the one observed last.
 */
export async function checkOutSource(
  plan: GitPlan,
  repository: RemoteRepository,
  directory: string,
  lastObserved: string | undefined,
): Promise<Commit | undefined> {
  const commit = await clone(repository, plan.reference, { directory, lastObserved })
  if (!commit || commit.message === undefined) return commit
  const { signal } = repository
  const branch = `refs/heads/${plan.pushBranch}`
  if (plan.switchBranch && (await listRefs(repository)).has(branch)) {
    await gitRemote(repository, ['fetch', '-q', '--depth=1', '--no-tags', REMOTE, branch], directory)
    await git(['checkout', '-q', '--detach', 'FETCH_HEAD'], { cwd: directory, signal })
  }
  await git(['checkout', '-q', '-B', plan.pushBranch], { cwd: directory, signal })
  return commit
}
