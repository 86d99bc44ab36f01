// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are envsubst’s templates, not JavaScript’s
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { KubeObject, ManagedFieldsEntry } from '../../core/kube-client.ts'
import { temporaryFolder } from '../testing.ts'
import { hasDrifted } from './apply.ts'
import { confinementOf } from './confine.ts'
import { inDependencyOrder } from './dependencies.ts'
import { envsubst } from './envsubst.ts'
import { deletesObjects } from './finalize.ts'
import { problemOf } from './generate.ts'
import { addToHistory } from './history.ts'
import { identityOf, inventoryId, parseInventoryId, stagesOf } from './identity.ts'
import { statusOf } from './kstatus.ts'
import { cleanupPatch, takeOver } from './managed-fields.ts'
import { timeoutOf } from './timeout.ts'

const object = (kind: string, apiVersion = 'v1', more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: kind.toLowerCase(), namespace: 'demo' },
  ...more,
})

describe('inventory ids', () => {
  it.each([
    [{ namespace: 'demo', name: 'nodeapp', group: '', kind: 'Service' }, 'demo_nodeapp__Service'],
    [{ namespace: 'demo', name: 'nodeapp', group: 'apps', kind: 'Deployment' }, 'demo_nodeapp_apps_Deployment'],
    [{ namespace: '', name: 'demo', group: '', kind: 'Namespace' }, '_demo__Namespace'],
    [
      { namespace: '', name: 'a:b', group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
      '_a__b_rbac.authorization.k8s.io_ClusterRole',
    ],
  ])('%j is %s and back', (identity, id) => {
    expect(inventoryId(identity)).toBe(id)
    expect(parseInventoryId(id)).toEqual(identity)
  })
})

describe('a kustomization', () => {
  const folder = temporaryFolder()
  afterAll(() => folder.remove())
  const confined = (text: string) => {
    mkdirSync(join(folder.path, 'artifact', 'app'), { recursive: true })
    writeFileSync(join(folder.path, 'artifact', 'shared.yaml'), 'a: b')
    writeFileSync(join(folder.path, 'secret.txt'), 'x')
    writeFileSync(join(folder.path, 'artifact', 'app', 'kustomization.yaml'), text)
    return confinementOf(join(folder.path, 'artifact'))
  }
  it.each([
    ['patches: [{path: ../shared.yaml}]', { kind: 'inside' }],
    ['patches: [{patch: "[]", path: /spec/replicas}]', { kind: 'inside' }],
    ['resources: [../../secret.txt]', { kind: 'outside', path: '../../secret.txt' }],
    ['configMapGenerator: [{files: [k=../../secret.txt]}]', { kind: 'outside', path: '../../secret.txt' }],
    ['resources: [/etc/passwd]', { kind: 'outside', path: '/etc/passwd' }],
    ['resources: ["https://example.com/x?ref=v1"]', { kind: 'remote' }],
    ['images: [{name: registry.lab.test/root/app}]', { kind: 'inside' }],
    ['resources: [github.com/owner/repo/base]', { kind: 'remote' }],
  ])('%s is %j', (text, confinement) => {
    expect(confined(text)).toEqual(confinement)
  })
})

it('stages are definitions, classes, and the rest in Flux’s order', () => {
  const kinds = ['Deployment', 'Service', 'ConfigMap', 'IngressClass', 'Namespace', 'Widget'].map((kind) =>
    object(kind, kind === 'Deployment' ? 'apps/v1' : kind === 'Widget' ? 'example.com/v1' : 'v1'),
  )
  expect(stagesOf(kinds).map((stage) => stage.map(({ kind }) => kind))).toEqual([
    ['Namespace'],
    ['IngressClass'],
    ['ConfigMap', 'Service', 'Deployment', 'Widget'],
  ])
  expect(identityOf(kinds[0] as KubeObject).group).toBe('apps')
})

describe('envsubst', () => {
  const variables = new Map([
    ['name', 'abcABC123ABCabc'],
    ['file', 'path/to/file.tar.gz'],
    ['empty', ''],
  ])
  it.each([
    ['plain', 'plain'],
    ['${name}', 'abcABC123ABCabc'],
    ['$name stays', '$name stays'],
    ['$${name}', '${name}'],
    ['${unset:-fallback}', 'fallback'],
    ['${unset:=${name:0:3}}', 'abc'],
    ['${unset=x}', 'x'],
    ['${empty:-filled}', 'filled'],
    ['${#name}', '15'],
    ['${name:12}', 'abc'],
    ['${name:3:3}', 'ABC'],
    ['${name^}', 'AbcABC123ABCabc'],
    ['${name,,}', 'abcabc123abcabc'],
    ['${name/abc/x}', 'xABC123ABCabc'],
    ['${name//ABC/-}', 'abc-123-abc'],
    ['${name/#abc/x}', 'xABC123ABCabc'],
    ['${name/%abc/x}', 'abcABC123ABCx'],
    ['${file##*/}', 'file.tar.gz'],
    ['${file#*/}', 'to/file.tar.gz'],
    ['${file%.*}', 'path/to/file.tar'],
    ['${file%%.*}', 'path/to/file'],
    ['${file//\\//-}', 'path-to-file.tar.gz'],
  ])('%s becomes %s', (text, result) => {
    expect(envsubst(text, variables)).toBe(result)
  })

  it.each([
    ['${unset}', 'variable not set (strict mode): "unset"'],
    ['${#unset}', 'variable not set (strict mode): "unset"'],
    ['${name', 'missing closing brace'],
    ['${}', 'unable to parse variable name'],
  ])('%s fails: %s', (text, message) => {
    expect(() => envsubst(text, variables)).toThrow(message)
  })
})

describe('manifests', () => {
  it.each([
    [
      'kind: ConfigMap\n  name: [oops\n',
      'MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context',
    ],
    ['apiVersion: v1\nmetadata: {name: a}\n', 'missing kind in object {{v1 } {{a } map[] map[]}}'],
    ['apiVersion: v1\nkind: ConfigMap\n', 'missing metadata.name in object {{v1 ConfigMap} {{ } map[] map[]}}'],
    ['# nothing\n', undefined],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n', undefined],
  ])('%j: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem)
  })
})

describe('kstatus', () => {
  const deployment = (status: object, spec: object = { replicas: 2 }) =>
    object('Deployment', 'apps/v1', { spec, status: { conditions: [], ...status } })
  const ready = {
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      { type: 'Available', status: 'True' },
    ],
  }
  it.each([
    ['a Deployment that is rolled out', deployment(ready), 'Current'],
    ['one with pods to come', deployment({ ...ready, updatedReplicas: 1 }), 'InProgress'],
    ['one with old pods', deployment({ ...ready, replicas: 3 }), 'InProgress'],
    [
      'one that took too long',
      deployment({ conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] }),
      'Failed',
    ],
    ['a ConfigMap', object('ConfigMap'), 'Current'],
    ['a Service', object('Service', 'v1', { spec: { type: 'ClusterIP' } }), 'Current'],
    ['a balancer without address', object('Service', 'v1', { spec: { type: 'LoadBalancer' } }), 'InProgress'],
    [
      'a custom resource that is not ready',
      object('Widget', 'example.com/v1', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
      'InProgress',
    ],
    [
      'a custom resource that is stalled',
      object('Widget', 'example.com/v1', { status: { conditions: [{ type: 'Stalled', status: 'True' }] } }),
      'Failed',
    ],
    [
      'a definition that is established',
      object('CustomResourceDefinition', 'apiextensions.k8s.io/v1', {
        status: { conditions: [{ type: 'Established', status: 'True' }] },
      }),
      'Current',
    ],
    ['a job that runs', object('Job', 'batch/v1', { status: { active: 1 } }), 'InProgress'],
  ])('%s is judged', (_, subject, status) => {
    expect(statusOf(subject)).toBe(status)
  })
})

describe('ownership of fields', () => {
  const entry = (manager: string, operation: 'Apply' | 'Update', fields: object, subresource?: string) =>
    ({
      manager,
      operation,
      apiVersion: 'v1',
      fieldsV1: fields,
      ...(subresource ? { subresource } : {}),
    }) as ManagedFieldsEntry
  const own = entry('kustomize-controller', 'Apply', { 'f:data': { 'f:color': {} } })

  it('hands what kubectl wrote to the controller, and leaves everybody else alone', () => {
    const robot = entry('robot', 'Update', { 'f:data': { 'f:shape': {} } })
    const scale = entry('kubectl', 'Update', { 'f:spec': {} }, 'scale')
    const taken = takeOver([own, entry('kubectl-patch', 'Update', { 'f:data': { 'f:size': {} } }), robot, scale])
    expect(taken?.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['robot', { 'f:data': { 'f:shape': {} } }],
      ['kubectl', { 'f:spec': {} }],
      ['kustomize-controller', { 'f:data': { 'f:color': {}, 'f:size': {} } }],
    ])
    expect(takeOver([own, robot])).toBeUndefined()
    expect(takeOver([own, entry('flux-client-side-apply', 'Update', {})])).toBeUndefined()
  })

  it('removes the annotation of kubectl apply', () => {
    const last = 'kubectl.kubernetes.io/last-applied-configuration'
    const patch = cleanupPatch({ ...object('ConfigMap'), metadata: { name: 'a', annotations: { [last]: '{}' } } })
    expect(patch).toEqual([
      { op: 'remove', path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration' },
    ])
  })

  it('drift is any difference but status and bookkeeping', () => {
    const settings = object('ConfigMap', 'v1', { data: { color: 'red' } })
    expect(hasDrifted({ ...settings, status: { x: 1 } }, settings)).toBe(false)
    expect(hasDrifted({ ...settings, data: { color: 'blue' } }, settings)).toBe(true)
    const labelled = { ...settings, metadata: { ...settings.metadata, labels: { team: 'blue' } } }
    expect(hasDrifted(labelled, settings)).toBe(false)
    expect(hasDrifted(settings, labelled)).toBe(true)
  })
})

it('history counts per digest and outcome, newest first, five at most', () => {
  const run = (digest: string, status: string) => ({ digest, status, metadata: {}, at: 'now', duration: '1s' })
  let history = addToHistory([], run('a', 'ReconciliationSucceeded'))
  history = addToHistory(history, run('b', 'HealthCheckFailed'))
  history = addToHistory(history, run('a', 'ReconciliationSucceeded'))
  expect(history.map(({ digest, totalReconciliations }) => [digest, totalReconciliations])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  for (const digest of ['c', 'd', 'e', 'f']) history = addToHistory(history, run(digest, 'ReconciliationSucceeded'))
  expect(history).toHaveLength(5)
})

it('a Kustomization may take its timeout, or its interval less 30 s, and never under 30 s', () => {
  expect(timeoutOf({ interval: '10m' })).toBe(570_000)
  expect(timeoutOf({ interval: '10s' })).toBe(30_000)
  expect(timeoutOf({ interval: '10m', timeout: '5s' })).toBe(30_000)
})

it.each([
  [{ prune: true }, true],
  [{ prune: false }, false],
  [{ prune: true, suspend: true }, false],
  [{ prune: false, deletionPolicy: 'Delete' }, true],
  [{ prune: true, deletionPolicy: 'Orphan' }, false],
  [{ suspend: true, deletionPolicy: 'Delete' }, false],
])('deleting a Kustomization with %j takes its objects along: %s', (spec, deletes) => {
  expect(deletesObjects({ spec })).toBe(deletes)
})

it('dependencies come first', () => {
  const edges: Record<string, string[]> = { c: ['b'], b: ['a'], a: [], d: ['d'] }
  expect(
    inDependencyOrder(
      Object.keys(edges),
      (key) => key,
      (key) => edges[key] ?? [],
    ),
  ).toEqual(['a', 'b', 'c', 'd'])
})
