import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../core/kube-client.ts'
import { sortedJson } from '../json.ts'
import { diff } from './diff.ts'
import { LAST_APPLIED } from './normalize.ts'
import { canonicalQuantity } from './quantity.ts'

const deployment = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'demo', ...metadata },
  spec,
})

const pod = (container: object) => ({
  selector: { matchLabels: { app: 'web' } },
  template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1', ...container }] } },
})

/** A live Deployment as the API server completes it. */
const completed = (container: object) => ({
  replicas: 1,
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
  selector: { matchLabels: { app: 'web' } },
  template: {
    metadata: { labels: { app: 'web' } },
    spec: {
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      containers: [
        {
          name: 'c',
          image: 'i:1',
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePolicy: 'File',
          ...container,
        },
      ],
    },
  },
})

describe('diff of a Deployment', () => {
  it.each<[string, object, object, boolean]>([
    ['defaults of the server', pod({}), completed({}), false],
    ['another image', pod({ image: 'i:2' }), completed({}), true],
    [
      'a port gets its protocol',
      pod({ ports: [{ containerPort: 80 }] }),
      completed({ ports: [{ containerPort: 80, protocol: 'TCP' }] }),
      false,
    ],
    [
      'a port is missing',
      pod({ ports: [{ containerPort: 81 }] }),
      completed({ ports: [{ containerPort: 80, protocol: 'TCP' }] }),
      true,
    ],
    [
      'quantities are equal',
      pod({ resources: { limits: { cpu: '1000m' } } }),
      completed({ resources: { limits: { cpu: '1' } } }),
      false,
    ],
    [
      'quantities differ',
      pod({ resources: { limits: { cpu: '1' } } }),
      completed({ resources: { limits: { cpu: '2' } } }),
      true,
    ],
    ['what only the cluster has', pod({}), completed({ resources: { limits: { cpu: '1' } } }), false],
    [
      'an empty environment variable',
      pod({ env: [{ name: 'A', value: '' }] }),
      completed({ env: [{ name: 'A' }] }),
      false,
    ],
    [
      'an injected variable',
      pod({ env: [{ name: 'A', value: 'a' }] }),
      completed({ env: [{ name: 'B' }, { name: 'A', value: 'a' }] }),
      false,
    ],
    ['replicas', { ...pod({}), replicas: 2 }, completed({}), true],
  ])('%s', (_, target, live, modified) => {
    expect(diff(deployment(target), deployment(live)).modified).toBe(modified)
  })

  it('sees the tracking annotation', () => {
    const annotations = { 'argocd.argoproj.io/tracking-id': 'web:apps/Deployment:demo/web' }
    const result = diff(deployment(pod({}), { annotations }), deployment(completed({})))
    expect(result.modified).toBe(true)
    expect(result.predictedLive.metadata.annotations).toEqual(annotations)
  })

  it('sees what left Git through the last-applied annotation', () => {
    const before = deployment({ ...pod({ env: [{ name: 'A', value: 'a' }] }), paused: true })
    const annotations = { [LAST_APPLIED]: sortedJson(before) }
    const live = deployment({ ...completed({ env: [{ name: 'A', value: 'a' }] }), paused: true }, { annotations })
    expect(diff(before, live).modified).toBe(false)
    const result = diff(deployment(pod({})), live)
    expect(result.modified).toBe(true)
    expect(result.predictedLive['spec'].paused).toBeUndefined()
    expect(result.predictedLive['spec'].template.spec.containers[0].env).toBeUndefined()
  })
})

describe('diff of other kinds', () => {
  const object = (kind: string, rest: object, apiVersion = 'v1'): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: 'x', namespace: 'demo' },
    ...rest,
  })

  it.each<[string, KubeObject, KubeObject, boolean]>([
    [
      'stringData',
      object('Secret', { stringData: { a: 'b' } }),
      object('Secret', { data: { a: 'Yg==' }, type: 'Opaque' }),
      false,
    ],
    [
      'stringData differs',
      object('Secret', { stringData: { a: 'b' } }),
      object('Secret', { data: { a: 'Yw==' } }),
      true,
    ],
    [
      'data that looks like a quantity',
      object('ConfigMap', { data: { storage: '1024Mi' } }),
      object('ConfigMap', { data: { storage: '1Gi' } }),
      true,
    ],
    [
      'an extra key',
      object('ConfigMap', { data: { a: 'b' } }),
      object('ConfigMap', { data: { a: 'b', c: 'd' } }),
      false,
    ],
    [
      'a Service gets a cluster IP',
      object('Service', { spec: { ports: [{ port: 80 }] } }),
      object('Service', {
        spec: { clusterIP: '10.0.0.1', type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
      }),
      false,
    ],
    [
      'a list of a custom resource is one value',
      object('Widget', { spec: { items: [{ a: 1 }] } }, 'example.com/v1'),
      object('Widget', { spec: { items: [{ a: 1, protocol: 'TCP' }] } }, 'example.com/v1'),
      true,
    ],
    [
      'ports of a NetworkPolicy',
      object(
        'NetworkPolicy',
        { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } },
        'networking.k8s.io/v1',
      ),
      object(
        'NetworkPolicy',
        { spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 80, protocol: 'TCP' }] }] } },
        'networking.k8s.io/v1',
      ),
      false,
    ],
  ])('%s', (_, target, live, modified) => {
    expect(diff(target, live).modified).toBe(modified)
  })
})

it.each([
  ['1000m', '1'],
  ['1024Mi', '1Gi'],
  ['0.5', '500m'],
  ['1500m', '1500m'],
  ['2000', '2k'],
  ['0', '0'],
  ['100u', '100u'],
  ['much', 'much'],
])('quantity %s is %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical)
})
