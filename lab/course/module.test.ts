import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadModule } from './module.ts'

const folder = mkdtempSync(join(tmpdir(), 'lab-module-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('loadModule', () => {
  it('gives up on a file that waits for ever, and says why', async () => {
    const path = join(folder, 'checks.ts')
    writeFileSync(path, 'await new Promise(() => {})\nexport default {}\n')
    expect(await loadModule(path, 'steps/1-one/checks.ts', 20)).toEqual({
      problem: {
        file: 'steps/1-one/checks.ts',
        line: 1,
        message: 'does not load within 0.02 s: what does it wait for at its top level?',
      },
    })
  })
})
