import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

/** A stored value. It is shared, never copied: whoever wants to change it changes a clone. */
export type Entry = {
  readonly key: string
  readonly value: unknown
  /** The revision of the write that made this value. */
  readonly revision: number
}

export type Change =
  | { readonly type: 'put'; readonly entry: Entry; readonly previous: Entry | undefined }
  | { readonly type: 'delete'; readonly entry: Entry; readonly revision: number }

/** A write that expected another revision of the key than the stored one. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict'

  constructor(
    readonly key: string,
    readonly expected: number,
    readonly found: number | undefined,
  ) {
    super(`${key} has revision ${found ?? 'none'}, expected ${expected || 'none'}`)
  }
}

/** The state file says something that this version cannot read. The file is left as it is. */
export class StoreUnreadable extends Error {
  override readonly name = 'StoreUnreadable'
}

/** What `snapshot` takes and `restore` brings back: all entries and the revision they were read at. */
export type StoreSnapshot = { readonly revision: number; readonly entries: readonly Entry[] }

const FORMAT = 1
type Line = readonly [revision: number, key: string, value?: unknown]

/**
 * Keys and JSON values with one revision counter, as etcd has: each write raises it by one. Synchronous, in memory;
 * every write is appended to a log file before it is visible, so a killed process loses nothing that was answered.
 */
export class Store {
  private readonly entries = new Map<string, Entry>()
  private readonly keys: string[] = []
  private readonly subscribers = new Set<{ prefix: string; notify: (change: Change) => void }>()
  private current = 0
  private file: { readonly path: string; descriptor: number; size: number; lines: number } | undefined

  private constructor() {}

  static inMemory(): Store {
    return new Store()
  }

  /** Opens or creates the log at `path`. A last line that was cut short is dropped; anything else unreadable throws. */
  static open(path: string): Store {
    const store = new Store()
    const lines = existsSync(path) ? store.load(path) : 0
    store.file = { path, descriptor: openSync(path, 'a', 0o600), size: 0, lines }
    store.rewrite()
    return store
  }

  get revision(): number {
    return this.current
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key)
  }

  /** Entries whose key begins with `prefix`, in the order of their keys' UTF-16 code units. */
  list(prefix: string): Entry[] {
    const found: Entry[] = []
    for (let at = this.lowerBound(prefix); at < this.keys.length; at++) {
      const key = this.keys[at] as string
      if (!key.startsWith(prefix)) break
      found.push(this.entries.get(key) as Entry)
    }
    return found
  }

  /**
   * Writes a value. `expected` is the revision that the key must have now, 0 for "must not exist"; without it the
   * write is unconditional. @throws RevisionConflict
   */
  put(key: string, value: unknown, expected?: number): Entry {
    const previous = this.expect(key, expected)
    const entry: Entry = { key, value, revision: this.current + 1 }
    this.append([entry.revision, key, value])
    this.set(entry)
    this.publish(key, { type: 'put', entry, previous })
    return entry
  }

  /** Deletes a key and returns what it held, or undefined if there was nothing. @throws RevisionConflict */
  delete(key: string, expected?: number): Entry | undefined {
    const previous = this.expect(key, expected)
    if (!previous) return undefined
    const revision = this.current + 1
    this.append([revision, key])
    this.unset(key, revision)
    this.publish(key, { type: 'delete', entry: previous, revision })
    return previous
  }

  /** Calls `notify` after each write under `prefix`, in order, until the returned function is called. */
  subscribe(prefix: string, notify: (change: Change) => void): () => void {
    const subscriber = { prefix, notify }
    this.subscribers.add(subscriber)
    return () => this.subscribers.delete(subscriber)
  }

  snapshot(): StoreSnapshot {
    return { revision: this.current, entries: [...this.entries.values()] }
  }

  /**
   * Brings back a snapshot's entries as ordinary writes and deletes: the revision goes on, never back, so that a
   * revision names one state for ever. Subscribers see each difference.
   */
  restore(snapshot: StoreSnapshot): void {
    const wanted = new Map(snapshot.entries.map((entry) => [entry.key, entry.value]))
    for (const key of [...this.keys]) if (!wanted.has(key)) this.delete(key)
    for (const [key, value] of wanted) if (!sameJson(this.entries.get(key)?.value, value)) this.put(key, value)
  }

  close(): void {
    if (this.file) closeSync(this.file.descriptor)
    this.file = undefined
  }

  private expect(key: string, expected: number | undefined): Entry | undefined {
    const previous = this.entries.get(key)
    if (expected !== undefined && expected !== (previous?.revision ?? 0)) {
      throw new RevisionConflict(key, expected, previous?.revision)
    }
    return previous
  }

  private set(entry: Entry): void {
    if (!this.entries.has(entry.key)) this.keys.splice(this.lowerBound(entry.key), 0, entry.key)
    this.entries.set(entry.key, entry)
    this.current = entry.revision
  }

  private unset(key: string, revision: number): void {
    if (this.entries.delete(key)) this.keys.splice(this.lowerBound(key), 1)
    this.current = revision
  }

  private lowerBound(key: string): number {
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.keys[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  private publish(key: string, change: Change): void {
    for (const { prefix, notify } of [...this.subscribers]) if (key.startsWith(prefix)) notify(change)
  }

  private load(path: string): number {
    const text = readFileSync(path, 'utf8')
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1)
    lines.forEach((text, at) => {
      const unreadable = (why: string) => new StoreUnreadable(`${path}:${at + 1}: ${why}`)
      let line: { format?: number; revision?: number } | Line
      try {
        line = JSON.parse(text)
      } catch {
        throw unreadable('is not JSON')
      }
      if (at === 0) {
        if (Array.isArray(line) || !('format' in line)) throw unreadable('is no store of this program')
        if (line.format !== FORMAT) throw unreadable(`has format ${line.format}, this version reads ${FORMAT}`)
        this.current = line.revision ?? 0
      } else if (!Array.isArray(line)) throw unreadable('is no entry')
      else if (line.length === 2) this.unset(line[1], line[0])
      else {
        const current = Math.max(this.current, line[0])
        this.set({ key: line[1], value: line[2], revision: line[0] })
        this.current = current
      }
    })
    return lines.length
  }

  private append(line: Line): void {
    const { file } = this
    if (!file) return
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      writeAll(file.descriptor, bytes)
    } catch (error) {
      ftruncateSync(file.descriptor, file.size)
      throw error
    }
    file.size += bytes.length
    file.lines += 1
    if (file.lines > 4000 && file.lines > 8 * this.keys.length) this.rewrite()
  }

  /** Writes a log of the present entries only beside the old one and puts it in its place. */
  private rewrite(): void {
    const { file } = this
    if (!file) return
    const lines = [JSON.stringify({ format: FORMAT, revision: this.current })]
    for (const { revision, key, value } of this.entries.values()) lines.push(JSON.stringify([revision, key, value]))
    const next = `${file.path}.next`
    const descriptor = openSync(next, 'w', 0o600)
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    try {
      writeAll(descriptor, bytes)
      fsyncSync(descriptor)
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
    renameSync(next, file.path)
    closeSync(file.descriptor)
    Object.assign(file, { descriptor, size: bytes.length, lines: lines.length })
  }
}

const sameJson = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const writeAll = (descriptor: number, bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}
