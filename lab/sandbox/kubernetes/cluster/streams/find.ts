import { ApiError } from '../../../core/errors.ts'
import type { KubeObject } from '../../types.ts'
import type { Container } from '../runtime/container.ts'
import type { StreamContext } from './context.ts'

export const badRequest = (message: string) => new ApiError(400, message, { reason: 'BadRequest' })

const namesOf = (pod: KubeObject): string[] =>
  [...(pod['spec'].initContainers ?? []), ...pod['spec'].containers].map(({ name }: { name: string }) => name)

/** The container that a request is about: the one it names, or the pod's only one. @throws ApiError 400 */
export function containerName(pod: KubeObject, asked: string | null): string {
  const { name } = pod.metadata
  const names = namesOf(pod)
  if (asked) {
    if (names.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const containers = pod['spec'].containers as { name: string }[]
  if (containers.length === 1) return (containers[0] as { name: string }).name
  const inits = ((pod['spec'].initContainers ?? []) as { name: string }[]).map((init) => init.name)
  const choice = `choose one of: [${containers.map((container) => container.name).join(' ')}]`
  const also = inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${name}, ${choice}${also}`)
}

/** The attempts at running a container of a pod, the latest first. */
export function attemptsOf({ containers }: StreamContext, pod: KubeObject, name: string): Container[] {
  return [...containers.values()]
    .filter(({ spec }) => spec.pod.uid === pod.metadata.uid && spec.name === name)
    .sort((a, b) => b.spec.attempt - a.spec.attempt || b.createdAt - a.createdAt)
}

/** The container if it runs now. @throws ApiError */
export function runningContainer(context: StreamContext, pod: KubeObject, name: string): Container {
  const [latest] = attemptsOf(context, pod, name)
  if (latest?.state === 'Running') return latest
  throw new ApiError(500, `Internal error occurred: unable to upgrade connection: container not found ("${name}")`, {
    reason: 'InternalError',
  })
}
