import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from './clock.ts'
import type { Change } from './informer.ts'
import { Informer } from './informer.ts'
import { type KubeClient, KubeError, type KubeObject, type WatchEvent } from './kube-client.ts'
import { type Outcome, Reconciler } from './reconciler.ts'

const THINGS = { group: 'example.com', version: 'v1', plural: 'things' }
const thing = (name: string, generation = 1, more: object = {}): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name, namespace: 'demo', uid: name, generation, resourceVersion: `${++version}`, ...more },
})
let version = 0

describe('a watched resource', () => {
  let objects: Map<string, KubeObject>
  let sync: (objects: readonly KubeObject[]) => void
  let tell: (event: WatchEvent) => void
  let clock: ManualClock
  let stop: AbortController
  const kube = {
    async get(_: unknown, name: string) {
      const found = objects.get(name)
      if (!found) throw new KubeError(404, 'NotFound', 'gone')
      return found
    },
    watch(_: unknown, __: unknown, handler: { onSync?: typeof sync; onEvent: typeof tell }) {
      sync = (list) => handler.onSync?.(list)
      tell = handler.onEvent
    },
  } as unknown as KubeClient
  const put = (object: KubeObject, type: 'ADDED' | 'MODIFIED' = 'MODIFIED') => {
    objects.set(object.metadata.name, object)
    tell({ type, object })
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))

  beforeEach(() => {
    objects = new Map()
    clock = new ManualClock()
    stop = new AbortController()
  })

  it('tells changes, those included that nobody saw', () => {
    const changes: Change[] = []
    const informer = new Informer(kube, THINGS, {}, stop.signal, (change) => changes.push(change))
    const [a, b] = [thing('a'), thing('b')]
    sync([a, b])
    const again = thing('a', 1, { uid: 'a2' })
    sync([again])
    informer.put(a)
    expect(changes).toEqual([
      { before: undefined, after: a },
      { before: undefined, after: b },
      { before: b, after: undefined },
      { before: a, after: undefined },
      { before: undefined, after: again },
    ])
    expect([informer.list(), informer.get('a', 'demo')]).toEqual([[again], again])
  })

  const reconcile = (work: (object: KubeObject) => Promise<Outcome>, failures: unknown[] = []) =>
    new Reconciler({
      kube,
      clock,
      signal: stop.signal,
      resource: THINGS,
      kind: 'Thing',
      actor: 'tester',
      action: 'look',
      namespaces: [],
      concurrent: 1,
      retryDelay: (count) => 1000 * 2 ** count,
      isNews: (before, after) => before.metadata.labels?.['now'] !== after.metadata.labels?.['now'],
      reconcile: work,
      onFailure: (_, error) => failures.push(error),
    })

  it('is reconciled when there is news, after a wait, and not when only its status changed', async () => {
    const seen: (number | undefined)[] = []
    reconcile(async ({ metadata }) => {
      seen.push(metadata.generation)
      return { requeueAfter: 5000, action: 'look closer' }
    })
    put(thing('a', 1), 'ADDED')
    await settle()
    put(thing('a', 1))
    await settle()
    put(thing('a', 1, { labels: { now: '1' } }))
    await settle()
    put(thing('a', 2, { labels: { now: '1' } }))
    await settle()
    expect(seen).toEqual([1, 1, 2])
    expect(clock.pending()).toMatchObject([{ actor: 'tester', subject: 'Thing demo/a', action: 'look closer' }])
    await clock.advance(5000)
    expect(seen).toEqual([1, 1, 2, 2])
    tell({ type: 'DELETED', object: objects.get('a') as KubeObject })
    expect(clock.pending()).toEqual([])
  })

  it('is tried again after growing pauses, until the program ends', async () => {
    const failures: unknown[] = []
    let works = false
    reconcile(async () => {
      if (!works) throw new Error('no')
      return {}
    }, failures)
    put(thing('a'), 'ADDED')
    await settle()
    await clock.advance(999)
    expect(failures.length).toBe(1)
    await clock.advance(1)
    expect([failures.length, clock.pending()[0]?.action]).toEqual([2, 'look again'])
    works = true
    await clock.advance(2000)
    expect([failures.length, clock.pending()]).toEqual([2, []])
    works = false
    put(thing('a', 2))
    await settle()
    stop.abort()
    expect([failures.length, clock.pending()]).toEqual([3, []])
  })

  it('is never worked on twice at a time, and one object at a time where so is wished', async () => {
    let finish = () => {}
    const begun: string[] = []
    reconcile(({ metadata }) => {
      begun.push(metadata.name)
      return new Promise((resolve) => {
        finish = () => resolve({})
      })
    })
    put(thing('a'), 'ADDED')
    put(thing('b'), 'ADDED')
    await settle()
    put(thing('a', 2))
    await settle()
    expect(begun).toEqual(['a'])
    finish()
    await settle()
    finish()
    await settle()
    expect(begun).toEqual(['a', 'b', 'a'])
  })
})
