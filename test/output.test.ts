import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const program = resolve(import.meta.dirname, '..', 'bin', 'gitops-lab.mjs')
const folder = mkdtempSync(join(tmpdir(), 'gl-output-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what the program prints', () => {
  it('reaches a reader whole, however much it is', () => {
    const steps = Array.from({ length: 3000 }, (_, at) => `${at + 1}-missing`)
    mkdirSync(join(folder, 'lab'))
    writeFileSync(join(folder, 'lab', 'lab.yaml'), `title: T\norder:\n${steps.map((name) => `  - ${name}\n`).join('')}`)
    const { status, stdout } = spawnSync(process.execPath, [program, 'lint', join(folder, 'lab'), '--json'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    })
    expect(status).toBe(1)
    // A pipe holds 64 KiB (pipe(7)).
    expect(stdout.length).toBeGreaterThan(2 ** 17)
    expect(JSON.parse(stdout).problems.length).toBeGreaterThanOrEqual(3000)
  })

  it('changes nothing of the exit code when nobody reads it', () => {
    const unread = 'mkfifo "$2"; exec 4<>"$2"; exec 5>"$2"; exec 4<&-; "$0" "$1" lint /nowhere --json >&5'
    const { status, stderr } = spawnSync('bash', ['-c', unread, process.execPath, program, join(folder, 'fifo')], {
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  })

  it.skipIf(!existsSync('/dev/full'))('is no success where there is no room for it', () => {
    const { status, stderr } = spawnSync(process.execPath, [program, '--help'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain('the output cannot be written: ENOSPC')
  })
})
