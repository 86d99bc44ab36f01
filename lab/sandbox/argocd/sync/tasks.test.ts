import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../core/kube-client.ts'
import { deletePolicies, isHook, phasesOf, waveOf } from './hooks.ts'
import { migratedFields } from './managed-fields.ts'
import { findProblems, isSelected, planTasks } from './plan.ts'
import { applyPatch, withLastApplied } from './resource-operations.ts'
import { newTask, objectOf, orderTasks, waitingMessage } from './tasks.ts'

const object = (
  kind: string,
  name: string,
  annotations: Record<string, string> = {},
  apiVersion = 'v1',
): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: 'demo',
    annotations: Object.fromEntries(Object.entries(annotations).map(([k, v]) => [`argocd.argoproj.io/${k}`, v])),
  },
})
const plan = {
  selection: [],
  skipHooks: false,
  pruneLast: false,
  namespace: undefined,
  results: [],
  revision: 'abcdef1234',
  startedAt: 7,
  hooks: [],
}
const names = (tasks: readonly Parameters<typeof objectOf>[0][]) =>
  tasks.map((task) => `${task.phase} ${task.wave} ${objectOf(task).kind}/${objectOf(task).metadata.name}`)

describe('the order of a sync', () => {
  it('goes by phase, wave, kind and name', () => {
    const targets = [
      object('Deployment', 'web', {}, 'apps/v1'),
      object('ConfigMap', 'late', { 'sync-wave': '1' }),
      object('Widget', 'w', {}, 'example.com/v1'),
      object('Service', 'web'),
      object('ConfigMap', 'b'),
      object('ConfigMap', 'a'),
      object('Secret', 's'),
      object('ConfigMap', 'early', { 'sync-wave': '-1' }),
    ]
    const hooks = [
      object('Job', 'post', { hook: 'PostSync' }, 'batch/v1'),
      object('Job', 'pre', { hook: 'PreSync' }, 'batch/v1'),
    ]
    const resources = targets.map((target) => ({ key: '', target }))
    expect(names(planTasks({ ...plan, resources, hooks }))).toEqual([
      'PreSync 0 Job/pre',
      'Sync -1 ConfigMap/early',
      'Sync 0 Secret/s',
      'Sync 0 ConfigMap/a',
      'Sync 0 ConfigMap/b',
      'Sync 0 Service/web',
      'Sync 0 Deployment/web',
      'Sync 0 Widget/w',
      'Sync 1 ConfigMap/late',
      'PostSync 0 Job/post',
    ])
  })

  it('prunes in reverse, or last', () => {
    const live = [object('ConfigMap', 'one', { 'sync-wave': '1' }), object('ConfigMap', 'two', { 'sync-wave': '2' })]
    const tasks = () => [
      ...live.map((o) => newTask('Sync', undefined, o)),
      newTask('Sync', object('ConfigMap', 'new', { 'sync-wave': '5' }), undefined),
    ]
    expect(names(orderTasks(tasks(), false))).toEqual([
      'Sync 1 ConfigMap/two',
      'Sync 2 ConfigMap/one',
      'Sync 5 ConfigMap/new',
    ])
    expect(names(orderTasks(tasks(), true))).toEqual([
      'Sync 5 ConfigMap/new',
      'Sync 6 ConfigMap/one',
      'Sync 6 ConfigMap/two',
    ])
  })
})

describe('planning', () => {
  it('gives hooks with generateName a name', () => {
    const hook = object('Job', '', { hook: 'PreSync' }, 'batch/v1')
    hook.metadata.generateName = 'migrate-'
    expect(names(planTasks({ ...plan, resources: [], hooks: [hook] }))).toEqual([
      'PreSync 0 Job/migrate-abcdef1-presync-7',
    ])
  })

  it('takes up the results of earlier steps', () => {
    const result = {
      group: '',
      version: 'v1',
      kind: 'ConfigMap',
      namespace: 'demo',
      name: 'a',
      status: 'Synced',
      hookPhase: 'Running',
      syncPhase: 'Sync',
      message: 'configmap/a created',
    } as const
    const [task] = planTasks({ ...plan, resources: [{ key: '', target: object('ConfigMap', 'a') }], results: [result] })
    expect(task).toMatchObject({ status: 'Synced', operationPhase: 'Running', message: 'configmap/a created' })
  })

  it.each([
    [[], true],
    [[{ kind: 'ConfigMap', name: 'a' }], true],
    [[{ kind: 'ConfigMap', name: 'a', namespace: 'other' }], false],
    [[{ kind: 'ConfigMap', name: 'b' }], false],
    [[{ kind: 'ConfigMap', name: 'a', exclude: true }], false],
  ])('selects by %j: %s', (selection, selected) => {
    expect(isSelected(object('ConfigMap', 'a'), selection)).toBe(selected)
  })

  it('refuses kinds that the cluster does not have, unless a definition comes along', () => {
    const widget = newTask('Sync', object('Widget', 'w', {}, 'example.com/v1'), undefined)
    const [problem] = findProblems(
      [widget],
      () => undefined,
      false,
      () => undefined,
    )
    expect(problem?.message).toBe(
      'The Kubernetes API could not find example.com/Widget for requested resource demo/w. Make sure the "Widget" CRD is installed on the destination cluster.',
    )
    const definition = newTask(
      'Sync',
      { ...object('CustomResourceDefinition', 'widgets'), spec: { group: 'example.com', names: { kind: 'Widget' } } },
      undefined,
    )
    expect(
      findProblems(
        [widget, definition],
        (_, kind) => (kind === 'Widget' ? undefined : ({} as never)),
        false,
        () => undefined,
      ),
    ).toEqual([])
    expect(widget.skipDryRun).toBe(true)
  })
})

it('reads annotations of hooks and waves', () => {
  expect(phasesOf(object('Job', 'j', { hook: 'PreSync, PostSync' }))).toEqual(['PreSync', 'PostSync'])
  expect(phasesOf(object('Job', 'j', { hook: 'Skip' }))).toEqual([])
  expect(isHook(object('Job', 'j'))).toBe(false)
  expect(deletePolicies(object('Job', 'j'))).toEqual(['BeforeHookCreation'])
  expect(deletePolicies(object('Job', 'j', { 'hook-delete-policy': 'HookSucceeded,HookFailed' }))).toEqual([
    'HookSucceeded',
    'HookFailed',
  ])
  expect(waveOf(object('Job', 'j', { 'sync-wave': 'x' }))).toBe(0)
})

it('says what it waits for', () => {
  const [one, two] = ['one', 'two'].map((name) => newTask('Sync', object('Deployment', name, {}, 'apps/v1'), undefined))
  expect(waitingMessage([one!])).toBe('waiting for healthy state of apps/Deployment/one')
  expect(waitingMessage([one!, two!])).toBe('waiting for healthy state of apps/Deployment/one and 1 more resources')
  expect(waitingMessage([newTask('PreSync', object('Job', 'j', { hook: 'PreSync' }, 'batch/v1'), undefined)])).toBe(
    'waiting for completion of hook batch/Job/j',
  )
})

describe('client-side apply', () => {
  const target = { ...object('ConfigMap', 'a'), data: { x: '1' } }

  it('changes nothing the second time', () => {
    expect(applyPatch(target, withLastApplied(target))).toBeUndefined()
  })

  it('removes what it applied before and keeps what others added', () => {
    const before = withLastApplied({ ...target, data: { x: '1', old: '1' } })
    const live = { ...before, data: { x: '1', old: '1', other: '2' } }
    expect(applyPatch(target, live)).toMatchObject({ data: { old: null } })
    expect(applyPatch(target, live)?.['data']).not.toHaveProperty('other')
  })

  it('remembers what it applied as sorted JSON with a newline', () => {
    const { annotations } = withLastApplied(target).metadata
    expect(annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toBe(
      '{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a","namespace":"demo"}}\n',
    )
  })
})

it('takes over what client-side apply owns', () => {
  const old = {
    manager: 'kubectl-client-side-apply',
    operation: 'Update' as const,
    apiVersion: 'v1',
    fieldsV1: {
      'f:data': { 'f:x': {} },
      'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/last-applied-configuration': {} } },
    },
  }
  const other = { manager: 'someone', operation: 'Update' as const, apiVersion: 'v1', fieldsV1: {} }
  expect(migratedFields([other])).toBeUndefined()
  expect(migratedFields([other, old])).toEqual([
    {
      manager: 'argocd-controller',
      operation: 'Apply',
      apiVersion: 'v1',
      fieldsV1: { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:annotations': { '.': {} } } },
    },
    other,
  ])
})
