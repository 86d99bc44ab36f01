import { expect, it } from 'vitest'
import type { KubeObject } from '../../core/kube-client.ts'
import { healthOf, isWorse } from './health.ts'

const object = (apiVersion: string, kind: string, rest: object, metadata: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', generation: 1, ...metadata },
  ...rest,
})
const deployment = (spec: object, status: object) =>
  object('apps/v1', 'Deployment', { spec, status: { observedGeneration: 1, ...status } })
const pod = (status: object, spec: object = {}) => object('v1', 'Pod', { spec, status })
const ready = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }

it.each<[string, KubeObject, string | undefined, string?]>([
  ['all there', deployment({ replicas: 2 }, ready), 'Healthy'],
  ['paused', deployment({ replicas: 2, paused: true }, ready), 'Suspended', 'Deployment is paused'],
  [
    'not observed',
    object('apps/v1', 'Deployment', { spec: { replicas: 2 }, status: ready }),
    'Progressing',
    'Waiting for rollout to finish: observed deployment generation less than desired generation',
  ],
  [
    'being updated',
    deployment({ replicas: 2 }, { ...ready, updatedReplicas: 1 }),
    'Progressing',
    'Waiting for rollout to finish: 1 out of 2 new replicas have been updated...',
  ],
  [
    'old ones left',
    deployment({ replicas: 2 }, { ...ready, replicas: 3 }),
    'Progressing',
    'Waiting for rollout to finish: 1 old replicas are pending termination...',
  ],
  [
    'not available',
    deployment({ replicas: 2 }, { ...ready, availableReplicas: 1 }),
    'Progressing',
    'Waiting for rollout to finish: 1 of 2 updated replicas are available...',
  ],
  [
    'too late',
    deployment({ replicas: 2 }, { conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }] }),
    'Degraded',
    'Deployment "x" exceeded its progress deadline',
  ],
  ['a ConfigMap', object('v1', 'ConfigMap', {}), undefined],
  ['being deleted', object('v1', 'ConfigMap', {}, { deletionTimestamp: 'now' }), 'Progressing', 'Pending deletion'],
  ['a plain Service', object('v1', 'Service', { spec: {} }), 'Healthy'],
  ['a LoadBalancer without address', object('v1', 'Service', { spec: { type: 'LoadBalancer' } }), 'Progressing'],
  ['a pending claim', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }), 'Progressing'],
  ['a running pod', pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }), 'Healthy'],
  ['a pod that is not ready', pod({ phase: 'Running', containerStatuses: [{ name: 'c' }] }), 'Progressing'],
  [
    'a pod that crashed',
    pod({ phase: 'Running', containerStatuses: [{ name: 'c', lastState: { terminated: { exitCode: 1 } } }] }),
    'Degraded',
  ],
  [
    'a pod without image',
    pod({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no' } } }],
    }),
    'Degraded',
    'no',
  ],
  [
    'a failed pod',
    pod({ phase: 'Failed', containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 3 } } }] }),
    'Degraded',
    'container "c" failed with exit code 3',
  ],
  [
    'a finished Job',
    object('batch/v1', 'Job', { status: { conditions: [{ type: 'Complete', status: 'True', message: 'done' }] } }),
    'Healthy',
    'done',
  ],
  ['a running Job', object('batch/v1', 'Job', { status: {} }), 'Progressing'],
])('%s', (_, subject, status, message) => {
  const health = healthOf(subject)
  expect(health?.status).toBe(status)
  if (message !== undefined) expect(health?.message).toBe(message)
})

it('orders news from good to bad', () => {
  expect(isWorse('Healthy', 'Progressing')).toBe(true)
  expect(isWorse('Degraded', 'Progressing')).toBe(false)
  expect(isWorse('Missing', 'Degraded')).toBe(true)
})
