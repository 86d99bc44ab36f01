import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Model } from '../views/tui/model.ts'
import { openRecording } from './record-demo.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gl-record-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const clock = { now: () => 0, setTimeout: () => ({ cancel: () => {} }) }
const size = { columns: 20, rows: 3 }

it.skipIf(!existsSync('/dev/full'))('refuses a recording for which there is no room', () => {
  expect(() => openRecording({ record: '/dev/full', size }, 't', clock).begin()).toThrow(
    /written to, \/dev\/full\n.*ENOSPC/,
  )
})

it('goes on when the recording cannot be written any more, and says so at the end', async () => {
  const record = join(folder, 'fifo')
  execFileSync('mkfifo', [record])
  const reader = spawn('head', ['-n', '3', record], { stdio: 'ignore' })
  const recording = openRecording({ record, size }, 't', clock).begin()
  const model = {} as Model
  recording.frame(['the third line'], model)
  await once(reader, 'close')
  recording.frame(['nobody reads this'], model)
  recording.frame(['nor this'], model)
  expect(() => recording.close()).toThrow(/it ends early: EPIPE/)
})
