import { blocked, type KubeObject, passed, pending, type Verdict } from '../../lab/step.ts'

export type Condition = { type: string; status: string; reason?: string; message?: string }

export const condition = (object: KubeObject | undefined, type: string): Condition | undefined =>
  (object?.['status']?.conditions as Condition[] | undefined)?.find((candidate) => candidate.type === type)

/** The first verdict that is not passed, else the last one. Stops looking at the first that is not. */
export async function all(...looks: (() => Promise<Verdict> | Verdict)[]): Promise<Verdict> {
  let last: Verdict = passed()
  for (const look of looks) {
    last = await look()
    if (last.kind !== 'passed') return last
  }
  return last
}

/** Whether an object with a Ready condition, as Flux writes it, is ready for its present generation. */
export function ready(object: KubeObject | undefined, name: string, actor: string, until?: number): Verdict {
  const expected = `${name} is Ready`
  if (!object) {
    return blocked({ expected, found: `there is no ${name}`, next: 'Run the command of this task.' })
  }
  const found = condition(object, 'Ready')
  const observed = object['status']?.observedGeneration === object.metadata.generation
  if (found?.status === 'True' && observed) return passed(found.message)
  if (found?.status === 'False' && observed && !WAITING.includes(found.reason ?? '')) {
    return blocked({
      expected,
      found: `${found.reason}: ${found.message}`,
      next: `Mend what ${actor} complains of; it tries again by itself.`,
    })
  }
  return pending({
    expected,
    found: found ? `${found.status} ${found.reason}: ${found.message}` : 'no status yet',
    actor,
    on: name,
    until,
  })
}

/** Reasons of a Ready=False that end without anybody doing anything. */
const WAITING = ['Progressing', 'ProgressingWithRetry', 'DependencyNotReady', 'ArtifactFailed']

/** Whether a Deployment has rolled out: every replica updated and available, none left over. */
export function rolledOut(deployment: KubeObject | undefined, name: string): Verdict {
  const expected = `deployment ${name} is rolled out`
  if (!deployment) return blocked({ expected, found: 'it does not exist', next: 'Run the command of this task.' })
  const { status = {}, spec } = deployment as KubeObject
  const wanted: number = spec.replicas ?? 1
  const settled =
    status.observedGeneration === deployment.metadata.generation &&
    (status.replicas ?? 0) === wanted &&
    (status.updatedReplicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted
  const found = `${status.updatedReplicas ?? 0} of ${wanted} updated, ${status.availableReplicas ?? 0} available`
  if (settled) return passed(found)
  const progressing = condition(deployment, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return blocked({
      expected,
      found: `${found}; ${progressing.message}`,
      next: `Look at the new pods: kubectl describe pods --namespace ${deployment.metadata.namespace}`,
    })
  }
  return pending({ expected, found, actor: 'Deployment controller', on: `deployment ${name}` })
}

export const imageOf = (deployment: KubeObject | undefined): string =>
  deployment?.['spec']?.template?.spec?.containers?.[0]?.image ?? ''
