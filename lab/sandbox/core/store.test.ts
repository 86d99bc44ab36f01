import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Change, RevisionConflict, Store, StoreUnreadable } from './store.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gitops-lab-store-'))
  path = join(folder, 'store.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('Store', () => {
  it('raises one revision with each write and lists in the order of keys', () => {
    const store = Store.inMemory()
    store.put('/b', 1)
    store.put('/a', 2)
    store.put('/b', 3)
    store.put('/c/x', 4)
    expect(store.list('/').map((entry) => [entry.key, entry.value, entry.revision])).toEqual([
      ['/a', 2, 2],
      ['/b', 3, 3],
      ['/c/x', 4, 4],
    ])
    expect(store.list('/c/').map((entry) => entry.key)).toEqual(['/c/x'])
  })

  it('refuses a write that expected another revision', () => {
    const store = Store.inMemory()
    store.put('/a', 1, 0)
    expect(() => store.put('/a', 2, 0)).toThrow(RevisionConflict)
    expect(() => store.delete('/a', 9)).toThrow(RevisionConflict)
    expect(store.get('/a')?.value).toBe(1)
  })

  it('keeps everything that was written across a kill, and drops a last line cut short', () => {
    const store = Store.open(path)
    store.put('/a', { x: 1 })
    store.put('/b', 2)
    store.delete('/b')
    appendFileSync(path, '[4,"/c",{"cut":')
    const again = Store.open(path)
    expect(again.list('/').map((entry) => entry.key)).toEqual(['/a'])
    expect(again.revision).toBe(3)
    expect(again.put('/d', 1).revision).toBe(4)
    expect(Store.open(path).get('/d')?.value).toBe(1)
  })

  it('leaves a file alone that it cannot read, and names the line', () => {
    writeFileSync(path, '{"format":99}\n')
    expect(() => Store.open(path)).toThrow(new StoreUnreadable(`${path}:1: has format 99, this version reads 1`))
    writeFileSync(path, '{"format":1,"revision":0}\nrubbish\n[1,"/a",1]\n')
    expect(() => Store.open(path)).toThrow(`${path}:2: is not JSON`)
    expect(readFileSync(path, 'utf8')).toContain('rubbish')
  })

  it('rewrites a log that holds mostly history', () => {
    const store = Store.open(path)
    for (let i = 0; i < 5000; i++) store.put('/a', i)
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(4100)
    expect(Store.open(path).get('/a')).toEqual({ key: '/a', value: 4999, revision: 5000 })
  })

  it('restores a snapshot by writes that go on with the revision', () => {
    const store = Store.inMemory()
    store.put('/keep', 1)
    store.put('/change', 'old')
    store.put('/drop', 1)
    const snapshot = store.snapshot()
    store.put('/change', 'new')
    store.delete('/drop')
    store.put('/extra', 1)
    const changes: Change[] = []
    const stop = store.subscribe('/', (change) => changes.push(change))
    store.restore(snapshot)
    stop()
    store.put('/unseen', 1)
    expect(changes.map((change) => [change.type, change.entry.key])).toEqual([
      ['delete', '/extra'],
      ['put', '/change'],
      ['put', '/drop'],
    ])
    expect(store.get('/change')).toEqual({ key: '/change', value: 'old', revision: 8 })
  })
})
