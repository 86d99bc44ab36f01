import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../types.ts'
import { endpointSubsets, sliceContents } from './endpoints.ts'
import { jobStatus, planJob } from './job.ts'
import { schedule } from './schedule.ts'
import { planStatefulSet, statusOf } from './stateful-set.ts'

const READY = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }]
const NOW = Date.parse('2026-01-01T00:01:00Z')

const object = (kind: string, name: string, rest: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'demo', uid: name, ...metadata },
  ...rest,
})

describe('the scheduler', () => {
  const node = (name: string, labels: Record<string, string> = {}, spec: object = {}) =>
    object('Node', name, { spec }, { labels })
  const pod = (spec: object = {}) => object('Pod', 'p', { spec })
  const on = (name: string) => object('Pod', `on-${name}`, { spec: { nodeName: name } })

  it('takes the node with the fewest pods', () => {
    expect(schedule(pod(), [node('a'), node('b')], [on('a')])).toEqual({ node: 'b' })
    expect(schedule(pod(), [node('b'), node('a')], [])).toEqual({ node: 'a' })
  })

  it('respects selectors, affinity, cordons and taints, and says what is against each node', () => {
    const nodes = [
      node('a', { disk: 'ssd' }, { unschedulable: true }),
      node('b', { disk: 'ssd' }, { taints: [{ key: 'k', effect: 'NoSchedule' }] }),
      node('c'),
    ]
    expect(schedule(pod({ nodeSelector: { disk: 'ssd' } }), nodes, [])).toEqual({
      message: expect.stringMatching(
        /^0\/3 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector, 1 node\(s\) had untolerated taint\(s\), 1 node\(s\) were unschedulable\./,
      ),
    })
    const tolerations = [{ key: 'k', operator: 'Exists' }]
    expect(schedule(pod({ nodeSelector: { disk: 'ssd' }, tolerations }), nodes, [])).toEqual({ node: 'b' })
    const terms = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }] }
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } }
    expect(schedule(pod({ affinity }), nodes, [])).toEqual({ node: 'c' })
  })
})

describe('endpoints', () => {
  const service = object('Service', 'web', {
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  })
  const pod = (name: string, status: object, metadata: object = {}) =>
    object(
      'Pod',
      name,
      {
        spec: { nodeName: 'n', containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
        status: { podIP: `10.0.0.${name}`, ...status },
      },
      { labels: { app: 'web' }, ...metadata },
    )

  it('have ready, unready and terminating pods apart', () => {
    const contents = sliceContents(service, [
      pod('1', { conditions: READY }),
      pod('2', {}),
      pod('3', { conditions: READY }, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      pod('4', { phase: 'Succeeded' }),
    ])
    expect(contents).toHaveLength(1)
    expect(contents[0]?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }])
    expect(contents[0]?.endpoints.map(({ conditions }) => conditions)).toEqual([
      { ready: true, serving: true, terminating: false },
      { ready: false, serving: false, terminating: false },
      { ready: false, serving: true, terminating: true },
    ])
    expect(endpointSubsets(contents)).toMatchObject([
      { addresses: [{ ip: '10.0.0.1' }], notReadyAddresses: [{ ip: '10.0.0.2' }], ports: [{ port: 8080 }] },
    ])
  })

  it('are one empty slice when there is no pod', () => {
    expect(sliceContents(service, [])).toEqual([{ ports: [], endpoints: [] }])
    expect(endpointSubsets(sliceContents(service, []))).toEqual([])
  })
})

describe('a StatefulSet', () => {
  const revisions = { current: { name: 'old', template: {} }, update: { name: 'new', template: {} } }
  const set = (spec: object = {}) => object('StatefulSet', 'db', { spec: { replicas: 3, ...spec } }, { generation: 4 })
  const pod = (ordinal: number, revision: string, conditions: object[] = READY, metadata: object = {}) =>
    object(
      'Pod',
      `db-${ordinal}`,
      { status: { phase: 'Running', conditions } },
      {
        labels: { 'controller-revision-hash': revision },
        ...metadata,
      },
    )
  const plan = (spec: object, ...pods: KubeObject[]) =>
    planStatefulSet(set(spec), pods, revisions, NOW).map((action) =>
      action.type === 'create'
        ? `create ${action.ordinal} ${action.revision.name}`
        : `delete ${action.pod.metadata.name}`,
    )

  it.each([
    ['creates the first', {}, [], ['create 0 new']],
    ['waits until it is ready', {}, [pod(0, 'new', [])], []],
    ['creates the next', {}, [pod(0, 'new')], ['create 1 new']],
    ['creates all at once', { podManagementPolicy: 'Parallel' }, [], ['create 0 new', 'create 1 new', 'create 2 new']],
    ['removes from the top', { replicas: 1 }, [pod(0, 'new'), pod(1, 'new'), pod(2, 'new')], ['delete db-2']],
    ['updates from the top', {}, [pod(0, 'old'), pod(1, 'old'), pod(2, 'old')], ['delete db-2']],
    ['updates one after the other', {}, [pod(0, 'old'), pod(1, 'old'), pod(2, 'new')], ['delete db-1']],
    ['replaces one that never got ready', {}, [pod(0, 'old', [])], ['delete db-0']],
    ['leaves updates to others', { updateStrategy: { type: 'OnDelete' } }, [0, 1, 2].map((n) => pod(n, 'old')), []],
    [
      'keeps the old revision below the partition',
      { updateStrategy: { rollingUpdate: { partition: 1 } } },
      [pod(0, 'old'), pod(1, 'new'), pod(2, 'new')],
      [],
    ],
    ['starts where it is told', { ordinals: { start: 5 } }, [], ['create 5 new']],
  ])('%s', (_, spec, pods, actions) => {
    expect(plan(spec, ...pods)).toEqual(actions)
  })

  it('is on the new revision when every pod is', () => {
    const pods = [0, 1, 2].map((ordinal) => pod(ordinal, 'new'))
    expect(statusOf(set(), pods, revisions, NOW)).toEqual({
      observedGeneration: 4,
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: 'new',
      updateRevision: 'new',
      collisionCount: 0,
      availableReplicas: 3,
    })
  })
})

describe('a Job', () => {
  const job = (spec: object = {}) =>
    object('Job', 'j', { spec: { completions: 2, parallelism: 1, backoffLimit: 1, ...spec } })
  const pod = (phase: string) => object('Pod', phase, { status: { phase } })

  it.each([
    ['starts', {}, [], 1, undefined],
    ['goes on', {}, [pod('Succeeded')], 1, undefined],
    ['waits', {}, [pod('Running')], 0, undefined],
    ['completes', {}, [pod('Succeeded'), pod('Succeeded')], 0, 'CompletionsReached'],
    ['tries again', {}, [pod('Failed')], 1, undefined],
    ['gives up', {}, [pod('Failed'), pod('Failed')], 0, 'BackoffLimitExceeded'],
    ['runs out of time', { activeDeadlineSeconds: 5 }, [pod('Running')], 0, 'DeadlineExceeded'],
    ['is suspended', { suspend: true }, [], 0, undefined],
  ])('%s', (_, spec, pods, create, reason) => {
    const plan = planJob(job(spec), pods, 10)
    expect(plan.create).toBe(create)
    expect(plan.outcome?.reason).toBe(reason)
  })

  it('says how it ended', () => {
    const pods = [pod('Succeeded'), pod('Succeeded')]
    const status = jobStatus(job(), pods, planJob(job(), pods, 1), '2026-01-01T00:00:00Z')
    expect(status).toMatchObject({
      succeeded: 2,
      completionTime: '2026-01-01T00:00:00Z',
      conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete', status: 'True' }],
    })
  })
})
