import type { Change, Entry, Store } from '../../../core/store.ts'
import type { Feed } from '../registry/feed.ts'

const revisionOf = (change: Change): number => (change.type === 'put' ? change.entry.revision : change.revision)

/** The latest writes, kept to answer watches and lists of an earlier version. */
export class History {
  private readonly changes: Change[] = []
  private readonly subscribers = new Set<(change: Change) => void>()
  private first: number
  private readonly unsubscribe: () => void

  constructor(
    private readonly store: Store,
    feed: Feed,
    private readonly capacity = 10_000,
  ) {
    this.first = store.revision
    this.unsubscribe = feed.subscribe('', (change) => {
      this.changes.push(change)
      if (this.changes.length > this.capacity * 1.1) {
        const dropped = this.changes.splice(0, this.changes.length - this.capacity)
        this.first = revisionOf(dropped.at(-1) as Change)
      }
      for (const notify of [...this.subscribers]) notify(change)
    })
  }

  /** The oldest version that can still be told. */
  get oldest(): number {
    return this.first
  }

  get current(): number {
    return this.store.revision
  }

  /** Writes under a prefix after a revision. Undefined when they are no longer all known. */
  since(prefix: string, revision: number): Change[] | undefined {
    if (revision < this.first) return undefined
    const start = this.changes.findIndex((change) => revisionOf(change) > revision)
    if (start < 0) return []
    return this.changes.slice(start).filter(({ entry }) => entry.key.startsWith(prefix))
  }

  /** The entries under a prefix as they were at a revision. Undefined when that is no longer known. */
  stateAt(prefix: string, revision: number): Entry[] | undefined {
    const changes = this.since(prefix, revision)
    if (!changes) return undefined
    if (changes.length === 0) return this.store.list(prefix)
    const entries = new Map(this.store.list(prefix).map((entry) => [entry.key, entry]))
    for (const change of changes.reverse()) {
      const before = change.type === 'put' ? change.previous : change.entry
      if (before) entries.set(before.key, before)
      else entries.delete(change.entry.key)
    }
    return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** Calls back after each write, once it has been recorded. */
  subscribe(notify: (change: Change) => void): () => void {
    this.subscribers.add(notify)
    return () => this.subscribers.delete(notify)
  }

  close(): void {
    this.unsubscribe()
    this.subscribers.clear()
  }
}
