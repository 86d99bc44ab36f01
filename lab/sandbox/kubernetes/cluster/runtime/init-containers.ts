import type { KubeObject } from '../../types.ts'

type Status = {
  readonly name: string
  readonly state: 'Created' | 'Running' | 'Exited' | 'Unknown'
  readonly exitCode?: number
}
type Container = { readonly name: string; readonly restartPolicy?: string }

/**
 * The pod with the containers that may run now as its only ones: init containers one after the other, each once the
 * one before has succeeded, then the regular ones. An init container with restartPolicy Always (a sidecar) only has to
 * have started, and goes on running beside those after it.
 */
export function nextContainers(pod: KubeObject, statuses: readonly Status[]): KubeObject {
  const { initContainers = [], containers } = pod['spec'] as {
    initContainers?: Container[]
    containers: Container[]
  }
  if (initContainers.length === 0) return pod
  const started = containers.some((container) => statuses.some(({ name }) => name === container.name))
  const sidecars: Container[] = []
  for (const container of initContainers) {
    const status = statuses.find(({ name }) => name === container.name)
    if (container.restartPolicy === 'Always') {
      sidecars.push(container)
      if (!started && status?.state !== 'Running') return withContainers(pod, sidecars)
    } else if (!started && !(status?.state === 'Exited' && status.exitCode === 0)) {
      return withContainers(pod, [...sidecars, container], retryPolicy(pod))
    }
  }
  return withContainers(pod, [...sidecars, ...containers])
}

/** A failed init container is tried again unless the pod is never restarted; a successful one has done its work. */
const retryPolicy = (pod: KubeObject): string => (pod['spec'].restartPolicy === 'Never' ? 'Never' : 'OnFailure')

const withContainers = (
  pod: KubeObject,
  containers: readonly Container[],
  restartPolicy: string | undefined = pod['spec'].restartPolicy,
): KubeObject => ({ ...pod, spec: { ...pod['spec'], restartPolicy, containers } })
