import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { BadSnapshotName, Snapshots } from './snapshots.ts'

const folder = mkdtempSync(join(tmpdir(), 'gl-snapshots-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const work = join(folder, 'work')
const snapshots = new Snapshots({ directory: join(folder, 'taken'), stores: {}, folders: { work }, now: () => 7 })

it('puts a folder back as it was: files, links as they stood, and folders that somebody may be in', () => {
  mkdirSync(join(work, 'clone', 'kept'), { recursive: true })
  writeFileSync(join(work, 'clone', 'a.txt'), 'one')
  symlinkSync('a.txt', join(work, 'clone', 'link'))
  symlinkSync('clone', join(work, 'turned'))
  snapshots.take('first')
  const { ino } = statSync(join(work, 'clone', 'kept'))

  writeFileSync(join(work, 'clone', 'a.txt'), 'two')
  writeFileSync(join(work, 'clone', 'new.txt'), '')
  rmSync(join(work, 'clone', 'link'))
  rmSync(join(work, 'turned'))
  mkdirSync(join(work, 'turned', 'into'), { recursive: true })
  expect(snapshots.restore('first')).toBe(true)

  expect(readdirSync(join(work, 'clone')).sort()).toEqual(['a.txt', 'kept', 'link'])
  expect(readFileSync(join(work, 'clone', 'a.txt'), 'utf8')).toBe('one')
  expect(readlinkSync(join(work, 'clone', 'link'))).toBe('a.txt')
  expect(readlinkSync(join(work, 'turned'))).toBe('clone')
  expect(statSync(join(work, 'clone', 'kept')).ino).toBe(ino)
  expect(snapshots.list()).toEqual([{ name: 'first', takenAt: 7 }])
})

it('refuses names that are no folder of its own, and knows which it has not', () => {
  for (const name of ['../work', 'first.next', '']) expect(() => snapshots.restore(name)).toThrow(BadSnapshotName)
  expect(snapshots.restore('second')).toBe(false)
})
