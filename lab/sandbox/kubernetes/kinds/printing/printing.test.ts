import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../types.ts'
import { builtInResources, tableOf } from '../index.ts'
import { admit, deployment, resourceOf } from '../testing.ts'
import { jsonPath } from './json-path.ts'
import { humanDuration } from './values.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString().replace('.000', '')

const row = (kind: string, object: object, group?: string): unknown[] => {
  const resource = resourceOf(kind, group)
  return tableOf(resource, [object as KubeObject], NOW).rows[0]?.cells ?? []
}

describe('ages', () => {
  it.each([
    [0, '0s'],
    [-0.5, '0s'],
    [-5, '<invalid>'],
    [119, '119s'],
    [120, '2m'],
    [190, '3m10s'],
    [600, '10m'],
    [179 * 60, '179m'],
    [3 * 3600, '3h'],
    [3 * 3600 + 600, '3h10m'],
    [8 * 3600 + 600, '8h'],
    [47 * 3600, '47h'],
    [48 * 3600, '2d'],
    [51 * 3600, '2d3h'],
    [8 * 86400 + 3600, '8d'],
    [729 * 86400, '729d'],
    [730 * 86400, '2y'],
    [740 * 86400, '2y10d'],
    [9 * 365 * 86400, '9y'],
  ])('of %d s are %s', (seconds, text) => {
    expect(humanDuration(seconds * 1000)).toBe(text)
  })
})

describe('tableOf', () => {
  it('describes the columns by the documentation of the fields', () => {
    const { columnDefinitions } = tableOf(resourceOf('ConfigMap'), [], NOW)
    expect(columnDefinitions.map(({ name, type, format, priority }) => [name, type, format, priority])).toEqual([
      ['Name', 'string', 'name', 0],
      ['Data', 'string', '', 0],
      ['Age', 'string', '', 0],
    ])
    expect(columnDefinitions[2]?.description).toContain('in UTC.\n\nPopulated by the system.')
  })

  it('describes every column of every kind', () => {
    for (const resource of builtInResources) {
      for (const { name, description } of tableOf(resource, [], NOW).columnDefinitions) {
        expect(description, `${resource.kind} ${name}`).not.toBe('')
      }
    }
  })

  const pod = (status: object, metadata: object = {}) => ({
    metadata: { name: 'p', creationTimestamp: minutesAgo(5), ...metadata },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], initContainers: [{ name: 'i' }] },
    status,
  })
  const running = (name: string, more: object = {}) => ({
    name,
    ready: true,
    restartCount: 0,
    state: { running: {} },
    ...more,
  })

  it.each([
    [pod({ phase: 'Pending' }), ['p', '0/2', 'Pending', '0']],
    [pod({ phase: 'Running', containerStatuses: [running('a'), running('b')] }), ['p', '2/2', 'Running', '0']],
    [
      pod({ phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 0, state: { running: {} } }] }),
      ['p', '0/2', 'Init:0/1', '0'],
    ],
    [
      pod({
        phase: 'Running',
        containerStatuses: [
          running('a', { restartCount: 3, lastState: { terminated: { finishedAt: minutesAgo(2) } } }),
          { name: 'b', ready: false, restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      }),
      ['p', '1/2', 'CrashLoopBackOff', '7 (2m ago)'],
    ],
    [
      pod({
        phase: 'Failed',
        containerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 3 } } }],
      }),
      ['p', '0/2', 'ExitCode:3', '0'],
    ],
    [
      pod({ phase: 'Running', containerStatuses: [running('a')] }, { deletionTimestamp: minutesAgo(0) }),
      ['p', '1/2', 'Terminating', '0'],
    ],
  ])('prints a pod %#', (object, cells) => {
    expect(row('Pod', object).slice(0, 4)).toEqual(cells)
  })

  it('prints what a Deployment, a Service and a quota show', () => {
    const { object } = admit(resourceOf('Deployment'), deployment())
    expect(row('Deployment', object)).toEqual(['web', '0/1', 0, 0, '<unknown>', 'main', 'repo/app:1', 'app=web'])
    const service = {
      metadata: { name: 's', creationTimestamp: minutesAgo(1) },
      spec: { type: 'NodePort', clusterIPs: ['10.96.0.1'], ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] },
    }
    expect(row('Service', service)).toEqual(['s', 'NodePort', '10.96.0.1', '<none>', '80:30080/TCP', '60s', '<none>'])
    const quota = { metadata: { name: 'q' }, status: { hard: { pods: '2', 'limits.cpu': '1' }, used: { pods: '1' } } }
    expect(row('ResourceQuota', quota).slice(1, 3)).toEqual(['pods: 1/2', 'limits.cpu: 0/1'])
  })

  it('prints both shapes of an event alike', () => {
    const about = { kind: 'Pod', name: 'p' }
    const core = {
      metadata: { name: 'e' },
      involvedObject: about,
      type: 'Normal',
      reason: 'R',
      message: 'm',
      lastTimestamp: minutesAgo(1),
    }
    const modern = {
      apiVersion: 'events.k8s.io/v1',
      metadata: { name: 'e' },
      regarding: about,
      type: 'Normal',
      reason: 'R',
      note: 'm',
      deprecatedLastTimestamp: minutesAgo(1),
    }
    expect(row('Event', core, '').slice(0, 4)).toEqual(['60s', 'Normal', 'R', 'pod/p'])
    expect(row('Event', modern, 'events.k8s.io').slice(0, 4)).toEqual(row('Event', core, '').slice(0, 4))
  })
})

describe('jsonPath', () => {
  const object = {
    spec: { 'a.b': 1, list: [{ n: 1 }, { n: 2 }] },
    status: { conditions: [{ type: 'Ready', status: 'True', message: 'ok' }] },
  }
  it.each([
    ['.status.conditions[?(@.type=="Ready")].message', ['ok']],
    [".status.conditions[?(@.type == 'Stalled')].message", []],
    ['.spec.list[*].n', [1, 2]],
    ['.spec.list[-1].n', [2]],
    ['.spec.list[?(@.n>1)].n', [2]],
    ['.spec.a\\.b', [1]],
    [".spec['a.b']", [1]],
    ['.nothing.here', []],
  ])('%s', (path, found) => {
    expect(jsonPath(path, object)).toEqual(found)
  })

  it('refuses what it cannot read', () => {
    expect(() => jsonPath('.a[1:2]', {})).toThrow(SyntaxError)
    expect(() => jsonPath('.a[', {})).toThrow('unterminated array')
  })
})
