import { describe, expect, it } from 'vitest'
import type { Application, ApplicationStatus, ResourceStatus, SyncPolicy } from '../application.ts'
import { decideAutoSync } from './auto-sync.ts'
import { needsRefresh } from './needs-refresh.ts'

const source = { repoURL: 'https://git.example.com/a.git', path: 'app', targetRevision: 'main' }
const destination = { server: 'https://kubernetes.default.svc', namespace: 'demo' }
const NOW = Date.parse('2026-01-01T00:10:00Z')

const app = (automated: SyncPolicy['automated'], status: ApplicationStatus = {}, rest: object = {}): Application => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { project: 'default', source, destination, syncPolicy: { automated } },
  status,
  ...rest,
})
const attempt = (
  phase: 'Succeeded' | 'Failed',
  revision: string,
  finishedAt: string,
  heals?: number,
): ApplicationStatus => ({
  operationState: {
    operation: { sync: heals ? { autoHealAttemptsCount: heals } : {} },
    phase,
    message: 'why',
    startedAt: finishedAt,
    finishedAt,
    syncResult: { revision, source },
  },
})
const outOfSync: ResourceStatus[] = [
  { kind: 'ConfigMap', version: 'v1', name: 'a', namespace: 'demo', status: 'OutOfSync' },
]
const toPrune: ResourceStatus[] = [{ ...outOfSync[0]!, requiresPruning: true }]
const decide = (subject: Application, resources = outOfSync) =>
  decideAutoSync(subject, { status: 'OutOfSync', revision: 'abc' }, resources, NOW)

describe('automated sync', () => {
  it.each<[string, Application, string]>([
    ['is off without a policy', app(undefined), 'none'],
    ['is off when disabled', app({ enabled: false, selfHeal: true }), 'none'],
    ['waits for an operation', app({}, {}, { operation: {} }), 'none'],
    ['syncs what was never synced', app({}), 'sync'],
    ['syncs a new commit', app({}, attempt('Succeeded', 'old', '2026-01-01T00:09:00Z')), 'sync'],
    ['leaves a commit that was synced', app({}, attempt('Succeeded', 'abc', '2026-01-01T00:09:00Z')), 'none'],
    ['does not repeat a failure', app({}, attempt('Failed', 'abc', '2026-01-01T00:09:00Z')), 'error'],
    ['heals', app({ selfHeal: true }, attempt('Succeeded', 'abc', '2026-01-01T00:09:00Z')), 'sync'],
    [
      'heals later the second time',
      app({ selfHeal: true }, attempt('Succeeded', 'abc', '2026-01-01T00:09:59Z', 1)),
      'later',
    ],
  ])('%s', (_, subject, kind) => {
    expect(decide(subject).kind).toBe(kind)
  })

  it('names what it heals and counts', () => {
    const decision = decide(
      app({ selfHeal: true, prune: true }, attempt('Succeeded', 'abc', '2026-01-01T00:09:00Z', 2)),
    )
    expect(decision).toEqual({
      kind: 'sync',
      operation: {
        initiatedBy: { automated: true },
        retry: { limit: 5 },
        sync: {
          revision: 'abc',
          source,
          prune: true,
          autoHealAttemptsCount: 3,
          resources: [{ kind: 'ConfigMap', name: 'a' }],
        },
      },
    })
  })

  it('waits 2 s, 6 s, 18 s between healings', () => {
    const waits = [1, 2, 3].map((heals) =>
      decide(app({ selfHeal: true }, attempt('Succeeded', 'abc', '2026-01-01T00:10:00Z', heals))),
    )
    expect(waits).toEqual([2000, 6000, 18_000].map((wait) => ({ kind: 'later', wait })))
  })

  it('does not begin only to prune without prune, nor to prune everything with it', () => {
    expect(decide(app({}), toPrune).kind).toBe('none')
    expect(decide(app({ prune: true }), toPrune)).toEqual({
      kind: 'error',
      condition: {
        type: 'SyncError',
        message: 'Skipping sync attempt to [abc]: auto-sync will wipe out all resources',
      },
    })
    expect(decide(app({ prune: true, allowEmpty: true }), toPrune).kind).toBe('sync')
  })
})

describe('a refresh', () => {
  const compared: ApplicationStatus = {
    reconciledAt: '2026-01-01T00:09:00Z',
    sync: { status: 'Synced', comparedTo: { source, destination } },
  }
  const annotated = (value: string) => ({
    metadata: { name: 'web', namespace: 'argocd', annotations: { 'argocd.argoproj.io/refresh': value } },
  })

  it.each<[string, Application, Parameters<typeof needsRefresh>[1], object | undefined]>([
    ['is not needed', app({}, compared), undefined, undefined],
    ['is asked for', app({}, compared, annotated('normal')), undefined, { level: 'resolve', hard: false }],
    ['is asked for with force', app({}, compared, annotated('hard')), undefined, { level: 'resolve', hard: true }],
    [
      'follows another source',
      app({}, { ...compared, sync: { status: 'Synced', comparedTo: { destination } } }),
      undefined,
      { level: 'resolve' },
    ],
    [
      'follows time',
      app({}, { ...compared, reconciledAt: '2026-01-01T00:07:00Z' }),
      undefined,
      { level: 'resolve', reason: 'comparison expired' },
    ],
    ['follows a change in the cluster', app({}, compared), 'recent', { level: 'recent' }],
  ])('%s', (_, subject, requested, need) => {
    const found = needsRefresh(subject, requested, NOW, 120_000)
    if (need === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(need)
  })
})
