import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const program = resolve(import.meta.dirname, '..', 'bin', 'gitops-lab.mjs')
const folder = mkdtempSync(join(tmpdir(), 'gl-old-node-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The program on a Node that says it is of this version, or of this platform. */
function runOn(version: string, platform: string = process.platform) {
  const disguise = join(folder, `${version}.cjs`)
  writeFileSync(
    disguise,
    Object.entries({ version, platform })
      .map(([name, value]) => `Object.defineProperty(process, '${name}', { value: ${JSON.stringify(value)} })\n`)
      .join(''),
  )
  return spawnSync(process.execPath, ['--require', disguise, program, '--version'], { encoding: 'utf8' })
}

describe('a Node that is too old', () => {
  it.each(['v12.22.12', 'v18.20.8', 'v20.18.3'])('%s is told so in one line', (version) => {
    const { status, stdout, stderr } = runOn(version)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).toContain(`needs Node.js 20.19 or newer; this is ${version}`)
  })

  it('is not the only thing that is told: Windows is told where else to run', () => {
    const { status, stdout, stderr } = runOn('v22.1.0', 'win32')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe('gitops-lab runs on Linux and macOS; on Windows, run it inside WSL 2\n')
  })

  it('is not one that is new enough', () => {
    expect(runOn('v20.19.0')).toMatchObject({ status: 0, stderr: '' })
    expect(runOn('v22.1.0').status).toBe(0)
  })
})
