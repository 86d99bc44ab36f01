import type { ChainLink, KubeObject } from '../../lab/step.ts'
import type { Facts } from './chain-facts.ts'
import { complaintOf, dueOf, oneLine, short } from './chain-git.ts'
import { CONFIG } from './names.ts'
import { condition, imageOf, rolloutOf } from './objects.ts'

type Told = Omit<ChainLink, 'id' | 'title'>

/**
 * Who brings Git into the cluster: Flux as long as it is active, then Argo CD. Two that are active at once is a
 * mistake; the one whose turn it should be is shown.
 */
export function reconcilerLink(facts: Facts, tag: ChainLink): ChainLink {
  const { application } = facts
  const { workloads } = facts.flux
  const isActive = workloads !== undefined && workloads['spec'].suspend !== true
  const byArgo = application && (!isActive || isAutomated(application))
  const title = byArgo ? 'Argo CD' : workloads ? 'Flux' : 'Reconciler'
  const say = (told: Told): ChainLink => ({ id: 'reconciler', title, ...told })
  if (tag.state !== 'done') return say({ state: 'unknown' })
  const head = facts.configHead?.sha ?? ''
  if (byArgo) return say(byArgoCd(facts, application, head))
  if (workloads) return say(byFlux(facts, workloads, head))
  return say({ state: 'unknown', note: 'nobody reads the repository yet' })
}

const isAutomated = (application: KubeObject): boolean => {
  const automated = application['spec'].syncPolicy?.automated
  return automated !== undefined && automated.enabled !== false
}

function byArgoCd(facts: Facts, application: KubeObject, head: string): Told {
  const { sync, health, operationState, conditions } = application['status'] ?? {}
  const actor = 'Argo CD'
  const error = (conditions as { type: string; message: string }[] | undefined)?.find(({ type }) =>
    type.endsWith('Error'),
  )
  if (error) return { state: 'failed', note: oneLine(`${error.type}: ${error.message}`) }
  if (operationState?.phase === 'Running') {
    return { state: 'running', what: short(head), actor, action: 'sync', note: operationState.message }
  }
  const revision: string | undefined = sync?.revision
  if (revision !== head) {
    const action = 'compare with Git'
    const due = dueOf(facts, actor, 'Application argocd/my-nodejs-app', action)
    const note = revision ? `it is at ${short(revision)}, Git at ${short(head)}` : undefined
    return { state: 'waiting', actor, action, due, note }
  }
  const what = short(revision)
  if (sync.status === 'Synced') return { state: 'done', what, note: `Synced, ${health?.status ?? 'no health yet'}` }
  const isFailed = ['Failed', 'Error'].includes(operationState?.phase) && operationState.syncResult?.revision === head
  if (isFailed) return { state: 'failed', what, note: oneLine(operationState.message) }
  const note = `${sync.status ?? 'no sync status yet'}`
  if (isAutomated(application)) return { state: 'running', what, actor, action: 'sync', note }
  return { state: 'waiting', what, actor: 'you', action: 'sync the Application', note }
}

function byFlux(facts: Facts, workloads: KubeObject, head: string): Told {
  const { source } = facts.flux
  const isAt = (revision: unknown) => String(revision ?? '').endsWith(`:${head}`)
  const { lastAppliedRevision } = workloads['status'] ?? {}
  const ready = condition(workloads, 'Ready')
  const what = short(head)
  if (isAt(lastAppliedRevision) && ready?.status === 'True') return { state: 'done', what }
  if (workloads['spec'].suspend === true) return { state: 'waiting', actor: 'you', action: 'resume Flux or replace it' }
  const fetches = 'source-controller'
  if (!isAt(source?.['status']?.artifact?.revision)) {
    const failed = complaintOf(source)
    if (failed) return { state: 'failed', note: failed }
    const due = dueOf(facts, fetches, `GitRepository flux-system/${CONFIG}`)
    return { state: 'waiting', actor: fetches, action: 'fetch the repository', due }
  }
  const failed = complaintOf(workloads)
  if (failed) return { state: 'failed', what, note: failed }
  const actor = 'kustomize-controller'
  const note = ready && oneLine(`${ready.reason}: ${ready.message}`)
  if (ready?.reason !== 'DependencyNotReady') return { state: 'running', what, actor, action: 'apply it', note }
  const due = dueOf(facts, actor, 'Kustomization flux-system/workloads')
  return { state: 'waiting', what, actor, action: 'check its dependencies again', due, note }
}

/** Why a container does not run, where it ends by nobody's doing. */
const STUCK = ['ErrImagePull', 'ImagePullBackOff', 'CrashLoopBackOff', 'CreateContainerConfigError']

/** The pods that serve the change. */
export function podsLink({ deployment, pods, newTag }: Facts, tag: ChainLink): ChainLink {
  const say = (told: Told): ChainLink => ({ id: 'pods', title: 'Pods', ...told })
  const image = imageOf(deployment)
  if (!deployment || !image) return say({ state: 'unknown', note: 'nothing runs yet' })
  const runs = image.slice(image.lastIndexOf(':') + 1)
  if (tag.state !== 'done' || runs !== newTag) return say({ state: 'unknown', note: `${runs} runs` })
  const { state, found: note } = rolloutOf(deployment)
  if (state === 'done') return say({ state, what: runs, note })
  const stuck = pods
    .filter((pod) => pod['spec'].containers[0]?.image === image)
    .map((pod) => pod['status']?.containerStatuses?.[0]?.state?.waiting)
    .find((waiting) => STUCK.includes(waiting?.reason))
  if (stuck) return say({ state: 'failed', what: runs, note: oneLine(`${stuck.reason}: ${stuck.message ?? ''}`) })
  if (state === 'failed') return say({ state, what: runs, note })
  return say({ state, what: runs, actor: 'Deployment controller', action: 'replace the pods', note })
}
