import { messageOf } from '../../core/errors.ts'
import { keyOf, keyText, type ObjectKey } from '../../core/informer.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { type Outcome, Reconciler } from '../../core/reconciler.ts'
import type { Log } from './log.ts'
import { type FluxResource, REQUESTED_AT } from './resources.ts'
import type { Runtime } from './runtime.ts'

export type ControllerOptions = {
  /** `gitrepository`, as the log names it. */
  readonly name: string
  readonly resource: FluxResource
  /** What a periodic wait ends in: `fetch the branch`. */
  readonly action: string
  /** Whether `requestedAt` makes it look at the object at once. */
  readonly handlesRequests?: boolean
  readonly reconcile: (object: KubeObject, log: Log) => Promise<Outcome>
  /** An object is gone. */
  readonly onGone?: (key: ObjectKey) => void
}

const requestOf = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[REQUESTED_AT]

/** Starts a reconciler as Flux runs it: requests by annotation are heard, pauses after failures grow. */
export function startController(runtime: Runtime, options: ControllerOptions): Reconciler {
  const { kube, clock, signal, namespace, component, concurrent, minRetryDelay, maxRetryDelay } = runtime
  const { name, resource, action, handlesRequests = true, reconcile, onGone } = options
  let reconciliations = 0
  const logs = new Map<string, Log>()
  const newLog = (key: ObjectKey): Log => {
    const log = runtime.log.with({
      controller: name,
      controllerGroup: resource.group,
      controllerKind: resource.kind,
      [resource.kind]: { name: key.name, namespace: key.namespace },
      namespace: key.namespace,
      name: key.name,
      reconcileID: `${++reconciliations}`,
    })
    logs.set(keyText(key), log)
    return log
  }
  return new Reconciler({
    kube,
    clock,
    signal,
    resource,
    kind: resource.kind,
    actor: component,
    action,
    namespaces: namespace === undefined ? [] : [namespace],
    concurrent,
    retryDelay: (failures) => Math.min(minRetryDelay * 2 ** failures, maxRetryDelay),
    isNews: (before, after) => handlesRequests && requestOf(before) !== requestOf(after),
    reconcile: (object) => reconcile(object, newLog(keyOf(object))),
    onFailure: (key, error) => (logs.get(keyText(key)) ?? newLog(key)).error('Reconciler error', messageOf(error)),
    onGone: (key) => {
      logs.delete(keyText(key))
      onGone?.(key)
    },
  })
}
