import type { KubeObject } from '../../core/kube-client.ts'
import type { HealthStatus } from '../application.ts'

type ContainerStatus = {
  name: string
  ready?: boolean
  state?: { waiting?: { reason?: string; message?: string }; terminated?: { exitCode: number; reason?: string } }
  lastState?: { terminated?: object }
}

const isBroken = (reason: string): boolean =>
  reason.startsWith('Err') || reason.endsWith('Error') || reason.endsWith('BackOff')

export function podHealth(pod: KubeObject): HealthStatus {
  const { spec = {}, status = {} } = pod
  const containers: ContainerStatus[] = status.containerStatuses ?? []
  const always = (spec.restartPolicy ?? 'Always') === 'Always'
  if (always) {
    const broken = containers.flatMap(({ state }) =>
      isBroken(state?.waiting?.reason ?? '') ? [state?.waiting?.message ?? ''] : [],
    )
    if (broken.length > 0) return { status: 'Degraded', message: broken.filter((text) => text !== '').join(', ') }
  }
  switch (status.phase) {
    case 'Pending':
      return { status: 'Progressing', message: status.message ?? '' }
    case 'Succeeded':
      return { status: 'Healthy', message: status.message ?? '' }
    case 'Failed':
      return { status: 'Degraded', message: status.message || failureOf(containers) }
    case 'Running':
      return always ? runningHealth(pod, containers) : { status: 'Progressing', message: status.message ?? '' }
    default:
      return { status: 'Unknown', message: status.message ?? '' }
  }
}

function runningHealth(pod: KubeObject, containers: readonly ContainerStatus[]): HealthStatus {
  const ready = (pod['status']?.conditions ?? []).some(
    (condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True',
  )
  if (ready) return { status: 'Healthy', message: pod['status']?.message ?? '' }
  if (containers.some(({ lastState }) => lastState?.terminated))
    return { status: 'Degraded', message: pod['status']?.message ?? '' }
  return { status: 'Progressing', message: pod['status']?.message ?? '' }
}

function failureOf(containers: readonly ContainerStatus[]): string {
  for (const { name, state } of containers) {
    const ended = state?.terminated
    if (ended?.reason === 'OOMKilled') return 'OOMKilled'
    if (ended && ended.exitCode !== 0) return `container "${name}" failed with exit code ${ended.exitCode}`
  }
  return ''
}
