import { ApiError } from '../../../core/errors.ts'
import type { KubeObject } from '../../types.ts'
import { badRequest, conflict, invalid, invalidValue, notFound } from '../registry/errors.ts'
import { matcherOf } from '../registry/label-selector.ts'
import { scaleOf } from '../registry/scale.ts'
import { timestamp } from '../registry/values.ts'
import type { ResourceCall } from './context.ts'
import { writerOf } from './options.ts'
import { sendObject } from './render.ts'
import { send } from './respond.ts'
import { objectOf, refuseControlPlane, warner } from './writes.ts'

const createWriter = (call: ResourceCall) =>
  writerOf({ request: call.request, query: call.query, user: call.user, kind: 'CreateOptions', warn: warner(call) })

const sendSuccess = (call: ResourceCall) =>
  send(call.request, call.response, {
    code: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  })

/** GET of `status`, `scale` and the like: the object, or its Scale. */
export function read(call: ResourceCall): void {
  const { api, path, resource } = call
  const object = api.registry.get(resource, path.namespace, path.name as string)
  sendObject(call, path.subresource === 'scale' ? scaleOf(resource, object) : object)
}

/** POST to `pods/<name>/binding`: gives a Pod its node. */
export async function bind(call: ResourceCall): Promise<void> {
  const { api, path, resource } = call
  const writer = createWriter(call)
  const binding = await objectOf(call, writer)
  const node = binding['target']?.name
  if (!node) throw invalid('Binding', '', path.name ?? '', [invalidValue('target.name', '', 'must be specified')])
  const pod = api.registry.get(resource, path.namespace, path.name as string)
  const bound = pod['spec']?.nodeName
  if (bound) {
    const text = `pod ${pod.metadata.name} is already assigned to node ${JSON.stringify(bound)}`
    throw conflict({ group: '', plural: 'pods/binding' }, pod.metadata.name, text)
  }
  bindPod(call, pod, node)
  sendSuccess(call)
}

function bindPod(call: ResourceCall, pod: KubeObject, node: string): void {
  const { api, resource } = call
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(api.clock.now()),
  }
  const others = (pod['status']?.conditions ?? []).filter(({ type }: { type: string }) => type !== 'PodScheduled')
  const changed = {
    ...pod,
    spec: { ...pod['spec'], nodeName: node },
    status: { ...pod['status'], conditions: [...others, scheduled] },
  }
  api.registry.storage.write(resource, resource, changed)
}

type Budget = KubeObject & {
  spec: { selector?: Parameters<typeof matcherOf>[0] }
  status?: { disruptionsAllowed?: number; desiredHealthy?: number; currentHealthy?: number }
}

/** The budget that does not let a Pod go now. */
function refusingBudget(call: ResourceCall, pod: KubeObject): Budget | undefined {
  const { registry } = call.api
  const budgets = registry.find('policy', 'poddisruptionbudgets')
  if (!budgets || ['Succeeded', 'Failed', 'Pending'].includes(pod['status']?.phase)) return undefined
  const found = registry.storage.list(budgets, pod.metadata.namespace) as Budget[]
  return found.find(({ spec, status }) => matcherOf(spec.selector)(pod.metadata.labels) && !status?.disruptionsAllowed)
}

/** POST to `pods/<name>/eviction`: deletes a Pod unless a budget forbids it. */
export async function evict(call: ResourceCall): Promise<void> {
  const { api, path, resource } = call
  const writer = createWriter(call)
  const eviction = await objectOf(call, writer)
  const name = path.name as string
  if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const pod = api.registry.storage.read(resource, path.namespace, name)
  if (!pod) throw notFound(resource, name)
  refuseControlPlane(call, pod)
  const budget = refusingBudget(call, pod)
  if (budget) {
    const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {}
    const message = `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    throw new ApiError(429, "Cannot evict pod as it would violate the pod's disruption budget.", {
      reason: 'TooManyRequests',
      details: { causes: [{ reason: 'DisruptionBudget', message }] },
    })
  }
  api.registry.remove(resource, path.namespace, name, eviction['deleteOptions'] ?? {}, writer)
  sendSuccess(call)
}

const DEFAULT_TOKEN_SECONDS = 3600
const SHORTEST_TOKEN_SECONDS = 600

/** POST to `serviceaccounts/<name>/token`: a token of the service account. */
export async function token(call: ResourceCall): Promise<void> {
  const { api, path, resource } = call
  const request = await objectOf(call, createWriter(call))
  const account = api.registry.get(resource, path.namespace, path.name as string)
  const { expirationSeconds = DEFAULT_TOKEN_SECONDS, audiences } = request['spec'] ?? {}
  if (expirationSeconds < SHORTEST_TOKEN_SECONDS) {
    const error = invalidValue(
      'spec.expirationSeconds',
      expirationSeconds,
      'may not specify a duration less than 10 minutes',
    )
    throw invalid('TokenRequest', 'authentication.k8s.io', '', [error])
  }
  const { namespace = '', name, uid = '' } = account.metadata
  const wanted = Array.isArray(audiences) && audiences.length > 0 ? audiences : undefined
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(api.clock.now()) },
    spec: { audiences: wanted ?? [api.tokens.issuer], expirationSeconds, boundObjectRef: null },
    status: {
      token: api.tokens.issue(namespace, name, uid, expirationSeconds, wanted),
      expirationTimestamp: timestamp(api.clock.now() + expirationSeconds * 1000),
    },
  }
  send(call.request, call.response, { code: 201, body })
}
