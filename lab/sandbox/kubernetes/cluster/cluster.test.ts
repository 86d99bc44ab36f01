import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../types.ts'
import { eventually, testCluster } from './testing.ts'

type Cluster = Awaited<ReturnType<typeof testCluster>>

const deployment = (name: string, spec: object = {}, containers: object[] = []) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'demo' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: containers.length > 0 ? containers : [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
    },
    ...spec,
  },
})

describe('a cluster', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await testCluster()
  })
  afterAll(() => cluster.stop())

  it('brings a Deployment up and takes it down', async () => {
    const started = performance.now()
    cluster.create('deployments', deployment('web'))
    const available = await eventually(() => {
      const web = cluster.objects.get('deployments', 'demo', 'web') as KubeObject
      return web['status']?.availableReplicas === 2 && web
    })
    console.log(performance.now() - started, JSON.stringify(available['status'], null, 1))
    const pods = cluster.objects.list('pods', 'demo')
    console.log(JSON.stringify(pods[0], null, 1))
    for (const e of cluster.objects.list('events')) console.log(e['involvedObject'].kind, e['involvedObject'].name, e['reason'], e['message'])
    expect(pods).toHaveLength(2)
  })
})
