import { blocked, type KubeObject, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { cause } from './causes.ts'

export type Condition = {
  type: string
  status: string
  reason?: string
  message?: string
  observedGeneration?: number
  lastTransitionTime?: string
  lastUpdateTime?: string
}

export const condition = (object: KubeObject | undefined, type: string): Condition | undefined =>
  (object?.['status']?.conditions as Condition[] | undefined)?.find((candidate) => candidate.type === type)

/** Reasons of a Ready=False that end without anybody doing anything. */
const WAITING = ['Progressing', 'ProgressingWithRetry', 'DependencyNotReady', 'ArtifactFailed']

/** A reconciliation that failed leaves `status.observedGeneration` as it was: its condition has one of its own. */
const isObserved = (object: KubeObject, { observedGeneration }: Condition): boolean =>
  (observedGeneration ?? object['status']?.observedGeneration) === object.metadata.generation

/** Whether an object with a Ready condition, as Flux writes it, is ready for its present generation. */
export const isReady = (object: KubeObject): boolean =>
  object['status']?.observedGeneration === object.metadata.generation && condition(object, 'Ready')?.status === 'True'

/** What its controller complains of: not ready, and not because it merely waits. */
export function complaint(object: KubeObject): Condition | undefined {
  const found = condition(object, 'Ready')
  if (found?.status !== 'False' || !isObserved(object, found) || WAITING.includes(found.reason ?? '')) return undefined
  return found
}

/** How far the rollout of a Deployment is: every replica updated and available, none left over. */
export function rolloutOf(deployment: KubeObject): { readonly state: 'done' | 'running' | 'failed'; found: string } {
  const { status = {}, spec, metadata } = deployment
  const wanted: number = spec.replicas ?? 1
  const found = `${status.updatedReplicas ?? 0} of ${wanted} updated, ${status.availableReplicas ?? 0} available`
  const observed = status.observedGeneration === metadata.generation
  const settled =
    observed &&
    [status.replicas, status.updatedReplicas, status.availableReplicas].every((count) => (count ?? 0) === wanted)
  if (settled) return { state: 'done', found }
  const progressing = condition(deployment, 'Progressing')
  if (!observed || progressing?.reason !== 'ProgressDeadlineExceeded') return { state: 'running', found }
  return { state: 'failed', found: `${found}; ${progressing.message}` }
}

/** The first verdict that is not passed, else the last one. Stops looking at the first that is not. */
export async function all(...looks: (() => Promise<Verdict> | Verdict)[]): Promise<Verdict> {
  let last: Verdict = passed()
  for (const look of looks) {
    last = await look()
    if (last.kind !== 'passed') return last
  }
  return last
}

export const imageOf = (deployment: KubeObject | undefined): string =>
  deployment?.['spec']?.template?.spec?.containers?.[0]?.image ?? ''

/** Where an object is wanted: its resource as kubectl names it, its kind, name and namespace. */
export type Wanted = {
  readonly resource: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** The command that merges a value into an object. */
export const mergePatch = ({ resource, name, namespace }: Omit<Wanted, 'kind'>, value: unknown): string =>
  `kubectl patch ${resource} ${name} --namespace ${namespace} --type merge --patch '${JSON.stringify(value)}'`

export const nameOf = ({ kind, namespace, name }: Wanted): string => `${kind} ${namespace}/${name}`

/** What to say of an object that is not there: its kind is unknown, it is elsewhere, or nobody created it. */
export async function absent(
  lab: Lab,
  wanted: Wanted,
  expected: string,
  install: string,
  create = 'Create it: the command of this task does.',
): Promise<Verdict> {
  const isCustom = wanted.resource.split('.').length > 2
  if (isCustom && !(await lab.kube.get('customresourcedefinitions.apiextensions.k8s.io', wanted.resource))) {
    return blocked({
      expected,
      found: `the cluster has no kind ${wanted.kind}`,
      cause: cause('definition-missing'),
      next: install,
    })
  }
  const elsewhere = (await lab.kube.list(wanted.resource)).find(({ metadata }) => metadata.name === wanted.name)
  if (elsewhere) {
    const { namespace } = elsewhere.metadata
    return blocked({
      expected,
      found: `it is in namespace ${namespace}`,
      cause: cause('wrong-namespace'),
      next: `Create it in namespace ${wanted.namespace}, and delete the other: kubectl delete ${wanted.resource} ${wanted.name} --namespace ${namespace}`,
    })
  }
  return blocked({
    expected,
    found: `there is no ${wanted.kind} ${wanted.name} in namespace ${wanted.namespace}`,
    next: create,
  })
}
