import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilStopped } from '../../core/program.ts'
import { run } from '../../core/run.ts'
import { writer } from '../api/testing.ts'
import type { KubeObject } from '../types.ts'
import { eventually, testCluster } from './testing.ts'
import { appImage } from './testing-app.ts'

type Cluster = Awaited<ReturnType<typeof testCluster>>

const PAUSE = 'registry.k8s.io/pause:3.10'
const folder = mkdtempSync(join(tmpdir(), 'image-'))
const app = appImage(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pull = async (reference: string) => {
  if (reference === 'app:1') return app
  throw new Error(`failed to pull ${reference}`)
}

const pod = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'demo' },
  spec,
})

const deployment = (name: string, container: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'demo' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: PAUSE, ...container }] },
    },
  },
})

const statusOf = (cluster: Cluster, name: string) => cluster.objects.get('pods', 'demo', name)?.['status']
const waiting = (cluster: Cluster, name: string) => statusOf(cluster, name)?.containerStatuses?.[0]?.state?.waiting
const reasons = (cluster: Cluster, name: string) =>
  cluster.objects
    .list('events', 'demo')
    .filter((event) => event['involvedObject'].name === name)
    .map((event) => event['reason'])

describe('a cluster', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await testCluster({ pull, simulateImages: ['example.com/*'] })
  })
  afterAll(() => cluster.stop())

  it('brings a Deployment up and removes its pods one by one when it is scaled down', async () => {
    cluster.create('deployments', deployment('web'))
    const web = () => cluster.objects.get('deployments', 'demo', 'web') as KubeObject
    await eventually(() => web()['status']?.availableReplicas === 2)
    expect(web()['status']).toMatchObject({ observedGeneration: 1, replicas: 2, terminatingReplicas: 0 })
    cluster.objects.update('deployments', { ...web(), spec: { ...web()['spec'], replicas: 1 } }, writer)
    await eventually(() => web()['status'].replicas === 1 && cluster.objects.list('pods', 'demo').length === 1)
  })

  it('keeps Endpoints and one EndpointSlice of the pods that are ready', async () => {
    cluster.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'demo' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })
    const slices = () =>
      cluster.objects.list('endpointslices', 'demo', { labelSelector: 'kubernetes.io/service-name=web' })
    const [slice] = await eventually(() => slices()[0]?.['endpoints']?.length === 1 && slices())
    expect(slice?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/)
    expect(slice?.['ports']).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }])
    expect(slice?.['endpoints'][0].conditions).toEqual({ ready: true, serving: true, terminating: false })
    expect(cluster.objects.get('endpoints', 'demo', 'web')?.['subsets'][0].addresses).toHaveLength(1)
  })

  it('says what keeps a container from starting', async () => {
    cluster.create('pods', pod('no-image', { containers: [{ name: 'c', image: 'nowhere:1' }] }))
    cluster.create('pods', pod('no-python', { containers: [{ name: 'c', image: 'app:1', command: ['python'] }] }))
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'a' } } }]
    cluster.create('pods', pod('no-config', { containers: [{ name: 'c', image: 'app:1', env }] }))
    cluster.create('pods', pod('no-node', { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'c', image: PAUSE }] }))
    await eventually(() => /ErrImagePull|ImagePullBackOff/.test(waiting(cluster, 'no-image')?.reason))
    await eventually(() => waiting(cluster, 'no-config')?.reason === 'CreateContainerConfigError')
    expect(waiting(cluster, 'no-config').message).toBe('configmap "none" not found')
    const message = 'exec: "python": executable file not found in $PATH'
    await eventually(() => /RunContainerError|CrashLoopBackOff/.test(waiting(cluster, 'no-python')?.reason))
    expect(statusOf(cluster, 'no-python').containerStatuses[0].lastState.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message,
    })
    await eventually(() => reasons(cluster, 'no-node').includes('FailedScheduling'))
    expect(statusOf(cluster, 'no-node').conditions[0]).toMatchObject({ status: 'False', reason: 'Unschedulable' })
  })

  it('waits for a missing ConfigMap and then mounts it', async () => {
    const container = { name: 'c', image: 'app:1', volumeMounts: [{ name: 'config', mountPath: '/etc/config' }] }
    const volumes = [{ name: 'config', configMap: { name: 'later' } }]
    cluster.create('pods', pod('mounts', { containers: [container], volumes }))
    await eventually(() => reasons(cluster, 'mounts').includes('FailedMount'))
    expect(waiting(cluster, 'mounts').reason).toBe('ContainerCreating')
    cluster.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'later', namespace: 'demo' },
      data: { a: 'b' },
    })
    await eventually(() => statusOf(cluster, 'mounts')?.phase === 'Running')
  })

  it('runs init containers in order, each to its end', async () => {
    const node = (name: string, code: string) => ({
      name,
      image: 'app:1',
      command: ['node', '-e', code],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    })
    const initContainers = [
      node('first', "require('fs').writeFileSync('/data/order', '1')"),
      node('second', "require('fs').appendFileSync('/data/order', '2')"),
    ]
    const main = node('main', "process.exit(require('fs').readFileSync('/data/order', 'utf8') === '12' ? 0 : 1)")
    const volumes = [{ name: 'data', emptyDir: {} }]
    cluster.create('pods', pod('inits', { restartPolicy: 'Never', initContainers, containers: [main], volumes }))
    await eventually(() => /Succeeded|Failed/.test(statusOf(cluster, 'inits')?.phase))
    expect(statusOf(cluster, 'inits').phase).toBe('Succeeded')
    expect(statusOf(cluster, 'inits').containerStatuses[0].state.terminated.reason).toBe('Completed')
  })

  it('simulates an image that no registry has only when told to, and says so', async () => {
    cluster.create(
      'pods',
      pod('simulated', { containers: [{ name: 'c', image: 'example.com/some:1', command: ['x'] }] }),
    )
    await eventually(() => statusOf(cluster, 'simulated')?.phase === 'Running')
    expect(reasons(cluster, 'simulated')).toContain('SimulatedImage')
  })

  it('does not let the object of a pod go before its process', async () => {
    const code = "process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300)); setInterval(() => {}, 1000)"
    cluster.create(
      'pods',
      pod('slow-end', { containers: [{ name: 'c', image: 'app:1', command: ['node', '-e', code] }] }),
    )
    await eventually(() => statusOf(cluster, 'slow-end')?.phase === 'Running')
    const pids = () =>
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes('setTimeout(() => process.exit(0), 300)')
    await eventually(pids)
    cluster.objects.remove('pods', { namespace: 'demo', name: 'slow-end' }, writer)
    await eventually(() => !cluster.objects.get('pods', 'demo', 'slow-end'))
    expect(pids()).toBe(false)
  })

  it('runs the pods of a StatefulSet one after the other', async () => {
    cluster.create('statefulsets', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'demo' },
      spec: { ...deployment('db').spec, serviceName: 'db' },
    })
    await eventually(() => cluster.objects.get('statefulsets', 'demo', 'db')?.['status']?.readyReplicas === 2)
    const created = (name: string) => cluster.objects.get('pods', 'demo', name)?.metadata.labels
    expect(created('db-0')).toMatchObject({ 'apps.kubernetes.io/pod-index': '0' })
    expect(created('db-1')).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-1' })
  })

  it('looks at a rollout that stands still again when its progress deadline has passed', async () => {
    cluster.create('deployments', deployment('stuck', { readinessProbe: { httpGet: { path: '/', port: 9 } } }))
    const stuck = () => cluster.objects.get('deployments', 'demo', 'stuck') as KubeObject
    await eventually(() => stuck()['status']?.replicas === 2)
    const spec = { ...stuck()['spec'], progressDeadlineSeconds: 2 }
    cluster.objects.update('deployments', { ...stuck(), spec }, writer)
    const reason = () => stuck()['status'].conditions.find(({ type }: KubeObject) => type === 'Progressing').reason
    await eventually(() => reason() === 'ProgressDeadlineExceeded')
  })
})

describe('a built-in image', () => {
  it('runs in this process, with its command, its mounts, its ports and an end', async () => {
    const seen: string[] = []
    const cluster = await testCluster({
      builtInImages: [
        {
          repository: 'quay.io/lab/controller',
          entrypoint: ['/bin/controller'],
          programs: {
            controller: async ({ argv, env, listen, readFile, signal, log }) => {
              await listen(9000, (_, response) => response.end('hello'))
              seen.push(argv.join(' '), env.get('HOSTNAME') ?? '', readFile('/etc/config/a') ?? '')
              log('started')
              await new Promise((resolve) => signal.addEventListener('abort', resolve))
              seen.push('stopped')
              return 0
            },
          },
        },
      ],
    })
    try {
      cluster.create('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'c', namespace: 'demo' },
        data: { a: 'b' },
      })
      const container = {
        name: 'main',
        image: 'quay.io/lab/controller:v1',
        args: ['--flag'],
        readinessProbe: { httpGet: { path: '/', port: 9000 }, periodSeconds: 1 },
        volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
      }
      const volumes = [{ name: 'config', configMap: { name: 'c' } }]
      cluster.create('pods', pod('controller', { containers: [container], volumes }))
      await eventually(() => statusOf(cluster as Cluster, 'controller')?.containerStatuses?.[0]?.ready)
      expect(seen).toEqual(['/bin/controller --flag', 'controller', 'b'])
      cluster.objects.remove('pods', { namespace: 'demo', name: 'controller' }, writer)
      await eventually(() => !cluster.objects.get('pods', 'demo', 'controller'))
      expect(seen.at(-1)).toBe('stopped')
    } finally {
      await cluster.stop()
    }
  })
})

describe('a built-in image that runs programs', () => {
  /** Ignores SIGTERM, and writes through a child of its own: a git with its transport. */
  const BUSY = `trap '' TERM; sh -c 'n=0; while :; do n=$((n + 1)); mkdir -p "a/$n/b/c" || exit; done' & echo $! $$; wait`
  /** A zombie has ended: whoever inherited it has only not asked for its exit code yet. */
  const isAlive = (pid: number) => /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout.toString())

  it.each(['the pod is deleted', 'the cluster stops'])('has ended all of them when %s', async (how) => {
    let pids: number[] = []
    let scratch = ''
    const cluster = await testCluster({
      builtInImages: [
        {
          repository: 'quay.io/lab/controller',
          entrypoint: ['busy'],
          programs: {
            busy: async (context) => {
              scratch = context.scratch
              const onOutput = (chunk: Buffer) => {
                pids = String(chunk).trim().split(' ').map(Number)
              }
              const env = { PATH: process.env['PATH'] ?? '' }
              void run('sh', ['-c', BUSY], { cwd: scratch, env, onOutput }).catch(() => {})
              return untilStopped(context)
            },
          },
        },
      ],
    })
    try {
      const containers = [{ name: 'c', image: 'quay.io/lab/controller:v1' }]
      cluster.create('pods', pod('busy', { containers, terminationGracePeriodSeconds: 0 }))
      await eventually(() => pids.length === 2 && existsSync(join(scratch, 'a', '50')))
      if (how === 'the pod is deleted') {
        cluster.objects.remove('pods', { namespace: 'demo', name: 'busy' }, writer)
        await eventually(() => !existsSync(scratch))
      } else await cluster.stop()
      expect(pids.map(isAlive)).toEqual([false, false])
      expect(existsSync(scratch)).toBe(false)
    } finally {
      await cluster.stop()
    }
  })
})

describe('a restart', () => {
  it('starts the same pods again and counts it', async () => {
    const first = await testCluster()
    first.create('pods', pod('lasting', { containers: [{ name: 'c', image: PAUSE }] }))
    await eventually(() => statusOf(first, 'lasting')?.phase === 'Running')
    const { uid } = first.objects.get('pods', 'demo', 'lasting')?.metadata ?? {}
    await first.stop()
    const second = await testCluster({}, first.store)
    try {
      await eventually(() => statusOf(second, 'lasting')?.containerStatuses?.[0]?.restartCount === 1)
      await eventually(() => statusOf(second, 'lasting')?.containerStatuses?.[0]?.ready)
      expect(second.objects.get('pods', 'demo', 'lasting')?.metadata.uid).toBe(uid)
    } finally {
      await second.stop()
    }
  })
})
