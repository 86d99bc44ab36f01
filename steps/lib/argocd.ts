import { blocked, type KubeObject, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { meaningOf } from './answers.ts'
import { cause } from './causes.ts'
import { folderOf } from './flux.ts'
import { APPLICATIONS, CONFIG } from './names.ts'
import { absent, mergePatch } from './objects.ts'
import { projectUrl, sameRepository } from './projects.ts'
import { waitFor } from './waiting.ts'

export const INSTALL_ARGOCD =
  'Install Argo CD: kubectl apply --namespace argocd --server-side --force-conflicts -f "$LAB_DIR/manifests/argocd/install.yaml"'

/** How long Argo CD goes without a comparison at most, in milliseconds: two minutes, and up to one more. */
const RECONCILIATION = 180_000

export const application = (lab: Lab, name: string): Promise<KubeObject | undefined> =>
  lab.kube.get(APPLICATIONS, name, 'argocd')

export const patch = (name: string, value: unknown): string =>
  mergePatch({ resource: 'application', name, namespace: 'argocd' }, value)

/** The folder that each Application renders, and the namespace that it is for. */
const SOURCES: Readonly<Record<string, { readonly path: string; readonly namespace?: string }>> = {
  'my-app-namespaces': { path: 'namespaces' },
  'my-nodejs-app': { path: 'workloads', namespace: 'demo' },
}

/** Whether an Application is there and reads the right folder of the configuration repository, without errors. */
export async function reads(lab: Lab, name: string): Promise<Verdict> {
  const wanted = SOURCES[name] ?? { path: name }
  const app = await application(lab, name)
  const expected = `Application ${name} over ${wanted.path}/ of ${CONFIG}`
  if (!app) {
    const object = { resource: APPLICATIONS, kind: 'Application', name, namespace: 'argocd' }
    return absent(lab, object, expected, INSTALL_ARGOCD)
  }
  const { source = {}, destination = {} } = app['spec']
  const url = projectUrl(lab, CONFIG)
  if (!sameRepository(String(source.repoURL), url)) {
    return blocked({
      expected,
      found: `its repoURL is ${source.repoURL}`,
      cause: cause('wrong-repo-url'),
      next: patch(name, { spec: { source: { repoURL: `${url}.git` } } }),
    })
  }
  if (folderOf(source.path) !== wanted.path) {
    return blocked({
      expected,
      found: `its path is ${source.path}`,
      cause: cause('wrong-path'),
      next: patch(name, { spec: { source: { path: wanted.path } } }),
    })
  }
  const revision = source.targetRevision || 'HEAD'
  const branch = revision === 'HEAD' ? (await lab.gitlab.project(CONFIG))?.defaultBranch : revision
  if (branch !== 'main') {
    return blocked({
      expected,
      found: `its targetRevision is ${revision}${revision === 'HEAD' ? `, which is branch ${branch}` : ''}`,
      cause: cause('wrong-branch'),
      next: patch(name, { spec: { source: { targetRevision: 'main' } } }),
    })
  }
  // The kustomization names the namespace itself, so a destination without one is right, too.
  if (wanted.namespace !== undefined && ![wanted.namespace, '', undefined].includes(destination.namespace)) {
    return blocked({
      expected,
      found: `its destination is namespace ${destination.namespace}`,
      cause: cause('wrong-namespace'),
      next: patch(name, { spec: { destination: { namespace: wanted.namespace } } }),
    })
  }
  return withoutErrors(app, expected)
}

/** Errors that Argo CD reports of an Application, else passed. */
function withoutErrors(app: KubeObject, expected: string): Verdict {
  const { name } = app.metadata
  const conditions = (app['status']?.conditions ?? []) as { type: string; message: string }[]
  const error = conditions.find(({ type }) => type.endsWith('Error'))
  if (!error) return passed()
  const known = meaningOf(error.message)
  const failed = error.type === 'SyncError' ? 'sync-failed' : undefined
  const id = known?.cause ?? failed
  return blocked({
    expected,
    found: `${error.type}: ${error.message}`,
    cause: id && cause(id),
    next: known
      ? `${known.next} Then press f, or run: kubectl annotate application ${name} --namespace argocd --overwrite argocd.argoproj.io/refresh=normal`
      : `See what failed: kubectl get application ${name} --namespace argocd --output jsonpath='{.status.operationState}'`,
  })
}

export type Statuses = { readonly sync: readonly string[]; readonly health: string; readonly newest: boolean }

/** Whether an Application has the sync and health status, at the newest commit of the repository when asked for. */
export async function inStatus(lab: Lab, name: string, { sync, health, newest }: Statuses): Promise<Verdict> {
  const right = await reads(lab, name)
  if (right.kind !== 'passed') return right
  const status = (await application(lab, name))?.['status'] ?? {}
  const expected = `Application ${name} is ${sync.join(' or ')} and ${health}`
  const found = `${status.sync?.status ?? 'no sync status'}, ${status.health?.status ?? 'no health status'}`
  const [commit] = newest ? await lab.gitlab.commits(CONFIG, 'main') : []
  const stale = commit && status.sync?.revision !== commit.sha
  if (sync.includes(status.sync?.status) && status.health?.status === health && !stale) return passed(found)
  const failed = stale ? undefined : failedSync(status)
  if (failed !== undefined && status.sync?.status === 'OutOfSync' && sync.includes('Synced')) {
    return blocked({
      expected,
      found: `${found}; ${failed}`,
      cause: cause('sync-failed'),
      next: `Mend in Git what is refused, commit and push; all of it is told by: kubectl get application ${name} --namespace argocd --output jsonpath='{.status.operationState}'`,
    })
  }
  const revision = String(status.sync?.revision ?? 'no commit').slice(0, 8)
  const older = olderSync(status)
  if (older !== undefined) {
    return pending({
      expected,
      found: `${found}; Argo CD still tries the sync of an older commit: ${older}`,
      actor: 'Argo CD',
      on: `Application argocd/${name}`,
      next: `To wait less, run: ${patch(name, { status: { operationState: { phase: 'Terminating' } } })}`,
    })
  }
  const compared = Date.parse(status.reconciledAt ?? '')
  return waitFor(lab, {
    expected,
    found: stale ? `${found}, at ${revision}; Git is at ${commit.sha.slice(0, 8)}` : found,
    actor: 'Argo CD',
    on: `Application argocd/${name}`,
    until: Number.isNaN(compared) ? undefined : compared + RECONCILIATION,
  })
}

type Operation = {
  readonly phase: string
  readonly message?: string
  readonly syncResult?: { readonly revision?: string; readonly resources?: readonly Resource[] }
}
type Resource = { readonly kind: string; readonly name: string; readonly status?: string; readonly message?: string }

type Status = { readonly operationState?: Operation; readonly sync?: { readonly revision?: string } }

const isTriedAgain = ({ phase, message = '' }: Operation): boolean =>
  phase === 'Running' && /Retrying attempt/.test(message)

/** What Argo CD says of a failed sync of another commit, which it tries again before it looks at the present one. */
function olderSync({ operationState, sync }: Status): string | undefined {
  if (!operationState || !isTriedAgain(operationState)) return undefined
  return operationState.syncResult?.revision === sync?.revision ? undefined : operationState.message
}

/** What the last sync of the present commit failed with, whether it is tried again or not. */
function failedSync(status: Status): string | undefined {
  const { operationState } = status
  if (!operationState) return undefined
  const { phase, message = '', syncResult } = operationState
  const isOver = ['Failed', 'Error'].includes(phase) || isTriedAgain(operationState)
  if (!isOver || syncResult?.revision !== status.sync?.revision) return undefined
  const refused = syncResult?.resources?.find((resource) => resource.status === 'SyncFailed')
  return refused ? `${refused.kind} ${refused.name}: ${refused.message}` : message
}

/** Whether an Application that should sync by itself is Synced at the newest commit; if not, what keeps it from it. */
export async function inSync(lab: Lab, name: string): Promise<Verdict> {
  const statuses = { sync: ['Synced'], health: 'Healthy', newest: true }
  const verdict = await inStatus(lab, name, statuses)
  if (verdict.kind !== 'pending') return verdict
  const synced = await automated(lab, name)
  if (synced.kind === 'passed') return verdict
  return synced.kind === 'blocked' ? { ...synced, expected: verdict.expected } : synced
}

const SKIP = 'argocd.argoproj.io/skip-reconcile'

/** Whether automated sync is on, with prune and self-heal. */
export async function automated(lab: Lab, name: string): Promise<Verdict> {
  const right = await reads(lab, name)
  if (right.kind !== 'passed') return right
  const app = await application(lab, name)
  const expected = `Application ${name} syncs by itself, with prune and selfHeal`
  if (app?.metadata.annotations?.[SKIP] === 'true') {
    return blocked({
      expected,
      found: `its annotation ${SKIP} is true`,
      cause: cause('sync-paused'),
      next: `kubectl annotate application ${name} --namespace argocd ${SKIP}-`,
    })
  }
  const policy = app?.['spec'].syncPolicy?.automated
  const missing = ['prune', 'selfHeal'].filter((field) => policy?.[field] !== true)
  if (policy && policy.enabled !== false && missing.length === 0) return passed()
  return blocked({
    expected,
    found: policy
      ? `in its automated sync policy, ${missing.join(' and ') || 'enabled'} is not true`
      : 'it has no automated sync policy',
    cause: policy && policy.enabled !== false ? undefined : cause('sync-paused'),
    next: patch(name, { spec: { syncPolicy: { automated: { enabled: true, prune: true, selfHeal: true } } } }),
  })
}
