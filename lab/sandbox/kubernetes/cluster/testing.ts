import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { KubeClient } from '../../core/kube-client.ts'
import { Store } from '../../core/store.ts'
import { createRegistry, type Kinds } from '../api/index.ts'
import { plainKinds, writer } from '../api/testing.ts'
import type { KubeObject, Resource } from '../types.ts'
import { type ClusterOptions, createCluster } from './index.ts'
import { Objects, type Plural } from './objects.ts'

const resource = (group: string, plural: string, kind: string, subresources: string[] = []): Resource => ({
  ...(plainKinds.builtInResources[1] as Resource),
  group,
  plural,
  kind,
  singular: kind.toLowerCase(),
  namespaced: plural !== 'nodes',
  subresources,
  hasGeneration: group === 'apps',
})

/** Defaults that controllers and kubelet cannot do without. */
function applyDefaults(target: Resource, object: KubeObject): KubeObject {
  const pod = (spec: KubeObject) => ({
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
    schedulerName: 'default-scheduler',
    ...spec,
  })
  if (target.plural === 'pods') return { ...object, spec: pod(object['spec']) }
  if (target.plural === 'services') return { ...object, spec: { type: 'ClusterIP', ...object['spec'] } }
  if (target.plural !== 'deployments') return object
  const { template, ...spec } = object['spec']
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }
  const defaults = { replicas: 1, strategy, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }
  return { ...object, spec: { ...defaults, ...spec, template: { ...template, spec: pod(template.spec) } } }
}

const kinds: Kinds = {
  ...plainKinds,
  builtInResources: [
    ...plainKinds.builtInResources,
    resource('', 'nodes', 'Node', ['status']),
    resource('', 'endpoints', 'Endpoints'),
    resource('', 'events', 'Event'),
    resource('apps', 'replicasets', 'ReplicaSet', ['status', 'scale']),
    resource('apps', 'statefulsets', 'StatefulSet', ['status', 'scale']),
    resource('apps', 'controllerrevisions', 'ControllerRevision'),
    resource('batch', 'jobs', 'Job', ['status']),
    resource('discovery.k8s.io', 'endpointslices', 'EndpointSlice'),
  ],
  applyDefaults,
  selectableFields: (_, object) => ({
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace ?? '',
    'spec.nodeName': object['spec']?.nodeName ?? '',
    'status.phase': object['status']?.phase ?? '',
  }),
}

/** A running cluster over a registry in memory, without HTTP; `stop` also removes its folder. */
export async function testCluster(options: Partial<ClusterOptions> = {}, store = Store.inMemory()) {
  const clock = systemClock()
  const registry = createRegistry({ store, clock, kinds })
  const objects = new Objects(registry)
  for (const name of ['default', 'kube-system', 'demo']) {
    if (objects.get('namespaces', undefined, name)) continue
    objects.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, writer)
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } }
    objects.create('serviceaccounts', account, writer)
  }
  const directory = mkdtempSync(join(tmpdir(), 'cluster-'))
  const cluster = createCluster({
    registry,
    clock,
    directory,
    nodes: 1,
    builtInImages: [],
    simulateImages: [],
    pull: async (reference) => {
      throw new Error(`${reference}: not found`)
    },
    fixedNames: {},
    kubectl: 'kubectl',
    clientFor: () => ({}) as KubeClient,
    tokenFor: () => 'token',
    log: () => {},
    ...options,
  })
  await cluster.start()
  return {
    ...cluster,
    store,
    objects,
    create: (plural: Plural, object: object) =>
      objects.create(plural, { metadata: {}, ...object } as KubeObject, writer),
    stop: async () => {
      await cluster.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Resolves with what `read` returns as soon as that is not undefined or false; looks again at every turn of a clock. */
export async function eventually<T>(read: () => T | undefined | false, ms = 15_000): Promise<T> {
  const clock = systemClock()
  const end = clock.now() + ms
  for (;;) {
    const value = read()
    if (value !== undefined && value !== false) return value
    if (clock.now() > end) throw new Error(`waited ${ms} ms for: ${read}`)
    await clock.sleep(10)
  }
}
