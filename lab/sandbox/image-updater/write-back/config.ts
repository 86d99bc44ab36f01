import { posix } from 'node:path'
import type { Application, WriteBackConfig } from '../resources.ts'
import { sourceOf } from '../resources.ts'

/** How updates of an Application are written. */
export type WriteBack =
  | { readonly method: 'argocd' }
  | {
      readonly method: 'git'
      readonly repository: string
      readonly credentials: 'repocreds' | { readonly namespace: string | undefined; readonly name: string }
      /** '' means the repository's default branch. */
      readonly branch: string
      /** The branch to push to, if it is another. */
      readonly pushBranch: string
      readonly target:
        | { readonly type: 'kustomization'; readonly directory: string }
        | { readonly type: 'source-file'; readonly path: string }
    }

/** @throws Error when the Application must be left out; the message goes to the log */
export function writeBackOf(
  application: Application,
  { method = 'argocd', gitConfig = {} }: WriteBackConfig,
): WriteBack {
  if (method === 'argocd') return { method: 'argocd' }
  const [kind, credentials = 'repocreds', ...rest] = method.split(':')
  if (kind !== 'git') throw new Error(`invalid update mechanism: ${method}`)
  if (gitConfig.pullRequest && Object.keys(gitConfig.pullRequest).length > 0) {
    throw new Error('not supported in this sandbox: pullRequest; commits go to the branch itself')
  }
  const source = sourceOf(application)
  const [branch, pushBranch] = branchesOf(gitConfig.branch ?? source?.targetRevision ?? '')
  return {
    method: 'git',
    repository: gitConfig.repository || source?.repoURL || '',
    credentials: credentialsOf(method, credentials, rest),
    branch,
    pushBranch,
    target: targetOf(application, gitConfig.writeBackTarget),
  }
}

function credentialsOf(
  method: string,
  kind: string,
  rest: readonly string[],
): Extract<WriteBack, { method: 'git' }>['credentials'] {
  if (kind === 'repocreds' && rest.length === 0) return 'repocreds'
  const [namespace, name] = rest.join(':').split('/')
  if (kind !== 'secret' || !namespace) throw new Error(`unknown credential reference in write-back method '${method}'`)
  return name === undefined ? { namespace: undefined, name: namespace } : { namespace, name }
}

/** `base`, or `base:target`. */
function branchesOf(text: string): readonly [string, string] {
  const [base = '', target = base, ...rest] = text.split(':')
  if (rest.length > 0) throw new Error(`invalid git-branch '${text}': expected <base> or <base>:<target>`)
  if (text.includes('{{'))
    throw new Error(`not supported in this sandbox: the branch template '${text}'; name a branch`)
  const known = base === 'HEAD' ? '' : base
  return [known, target === 'HEAD' ? '' : target]
}

function targetOf(
  application: Application,
  target: string | undefined,
): Extract<WriteBack, { method: 'git' }>['target'] {
  const path = sourceOf(application)?.path ?? ''
  const inside = (part: string) => posix.normalize(`/${part}`).slice(1)
  if (!target) {
    const { name } = application.metadata
    return { type: 'source-file', path: inside(posix.join(path, `.argocd-source-${name}.yaml`)) }
  }
  const [kind, directory = '.'] = target.split(':')
  if (kind === 'kustomization') {
    return {
      type: 'kustomization',
      directory: inside(directory.startsWith('/') ? directory : posix.join(path, directory)),
    }
  }
  if (kind === 'helmvalues')
    throw new Error(`not supported in this sandbox: the write-back target '${target}'; charts are not rendered here`)
  throw new Error(`invalid write-back-target: ${target}; expected kustomization[:<directory>]`)
}
