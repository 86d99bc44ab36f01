import type { KubeObject } from '../../core/kube-client.ts'
import { canonicalQuantity } from '../diff/quantity.ts'

type Info = { name: string; value: string }

type ContainerStatus = {
  ready?: boolean
  state?: { waiting?: { reason?: string }; terminated?: { reason?: string; exitCode?: number; signal?: number } }
}

/** What the resource tree tells of a pod. */
export function podInfo(pod: KubeObject): { info: Info[]; images: string[] } {
  const containers: { image?: string; resources?: { requests?: Record<string, string> } }[] =
    pod['spec']?.containers ?? []
  const statuses: ContainerStatus[] = pod['status']?.containerStatuses ?? []
  const requested = (name: string, unit: number) =>
    containers.reduce((sum, container) => sum + amount(container.resources?.requests?.[name]) * unit, 0)
  const node: string | undefined = pod['spec']?.nodeName
  return {
    images: containers.flatMap(({ image }) => (image ? [image] : [])),
    info: [
      { name: 'Status Reason', value: reasonOf(pod, statuses) },
      ...(node ? [{ name: 'Node', value: node }] : []),
      { name: 'Containers', value: `${statuses.filter(({ ready }) => ready).length}/${containers.length}` },
      { name: 'cpu', value: String(Math.round(requested('cpu', 1000))) },
      { name: 'memory', value: String(Math.round(requested('memory', 1000))) },
    ],
  }
}

/** The word in the STATUS column of `kubectl get pods`. */
function reasonOf(pod: KubeObject, statuses: readonly ContainerStatus[]): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating'
  for (const { state } of statuses) {
    if (state?.waiting?.reason) return state.waiting.reason
    if (state?.terminated)
      return (
        state.terminated.reason ??
        (state.terminated.signal ? `Signal:${state.terminated.signal}` : `ExitCode:${state.terminated.exitCode}`)
      )
  }
  return pod['status']?.reason || (pod['status']?.phase ?? 'Unknown')
}

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

function amount(quantity: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(canonicalQuantity(quantity ?? '0')))
  return match ? Number(match[1]) * (FACTORS[match[2] ?? ''] ?? 1) : 0
}
