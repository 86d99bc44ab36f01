import { expect, it } from 'vitest'
import type { KubeObject } from '../../core/kube-client.ts'
import { ignoredPaths, keepIgnored, withoutPaths } from './ignore.ts'
import { parseJqPath } from './jq-path.ts'

const object: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'demo',
    managedFields: [
      { manager: 'scaler', operation: 'Update', apiVersion: 'apps/v1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      {
        manager: 'injector',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"side"}': { '.': {}, 'f:image': {} } } } },
      },
    ],
  },
  spec: {
    replicas: 3,
    containers: [
      { name: 'web', image: 'w' },
      { name: 'side', image: 's' },
    ],
  },
}

it.each([
  [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }, [['spec', 'replicas']]],
  [{ group: '*', kind: '*', jsonPointers: ['/spec/a~1b'] }, [['spec', 'a/b']]],
  [{ group: 'apps', kind: 'StatefulSet', jsonPointers: ['/spec/replicas'] }, []],
  [{ group: 'apps', kind: 'Deployment', name: 'other', jsonPointers: ['/spec/replicas'] }, []],
  [
    { group: 'apps', kind: 'Deployment', jqPathExpressions: ['.spec.containers[].image'] },
    [
      ['spec', 'containers', '0', 'image'],
      ['spec', 'containers', '1', 'image'],
    ],
  ],
  [
    { group: 'apps', kind: 'Deployment', jqPathExpressions: ['.spec.containers[] | select(.name == "side")'] },
    [['spec', 'containers', '1']],
  ],
  [{ group: 'apps', kind: 'Deployment', managedFieldsManagers: ['scaler'] }, [['spec', 'replicas']]],
  [{ group: 'apps', kind: 'Deployment', managedFieldsManagers: ['injector'] }, [['spec', 'containers', '1', 'image']]],
])('%j ignores %j', (rule, paths) => {
  expect(ignoredPaths(object, undefined, [rule])).toEqual(paths)
})

it('takes ignored places away, or keeps what live has there', () => {
  expect(
    withoutPaths(object, [
      ['spec', 'replicas'],
      ['spec', 'containers', '0'],
      ['spec', 'containers', '1'],
    ])['spec'],
  ).toEqual({ containers: [] })
  const target = { ...object, spec: { replicas: 1 } }
  expect(
    keepIgnored(target, object, [
      ['spec', 'replicas'],
      ['spec', 'none'],
    ])['spec'],
  ).toEqual({ replicas: 3 })
})

it('refuses what it cannot follow', () => {
  expect(() => parseJqPath('.spec | map(.a)')).toThrow(/more of jq than the sandbox supports/)
})
