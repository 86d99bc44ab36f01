import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { has, World } from './world.ts'

const CLIENTS = ['git', 'curl', 'jq', 'npm']
const missing = CLIENTS.filter((client) => !has(client))
const isLinux = process.platform === 'linux' && process.arch === 'x64'

/** A folder with everything on the PATH but kubectl. */
function everythingElse(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gl-path-'))
  for (const from of (process.env['PATH'] ?? '').split(delimiter).filter((path) => existsSync(path))) {
    for (const name of readdirSync(from)) {
      if (name !== 'kubectl' && !existsSync(join(folder, name))) symlinkSync(join(from, name), join(folder, name))
    }
  }
  return folder
}

describe.skipIf(missing.length > 0 || !isLinux)(`without a kubectl (Linux x64; needs ${CLIENTS.join(', ')})`, () => {
  let path: string
  let world: World
  beforeAll(() => {
    path = everythingElse()
    world = new World(path)
  })
  afterAll(async () => {
    await world.remove()
    rmSync(path, { recursive: true, force: true })
  })

  it('refuses before the first step when nothing may be fetched', async () => {
    const { code, out, err } = await world.run(['--no-download', 'run'])
    expect(code).not.toBe(0)
    expect(out).toBe('')
    expect(err).toContain('found     none, and --no-download')
  })

  it('says what to install when nothing can be fetched', async () => {
    const npmrc = join(world.home, '.npmrc')
    writeFileSync(npmrc, 'registry=http://127.0.0.1:9/\nfetch-retries=0\n')
    const { code, out, err } = await world.run(['run'])
    rmSync(npmrc)
    expect(code).not.toBe(0)
    expect(out).not.toContain('Step 1')
    expect(err).toMatch(/kubectl could not be fetched: .*Install it yourself: /s)
  })

  it('fetches one, once, and runs with it', { timeout: 180_000 }, async () => {
    const first = await world.run(['run', '--until', '1'])
    expect(first.err).toMatch(/fetching kubectl/)
    expect(first.code).toBe(0)
    const version = await world.sh('kubectl version --output=json')
    expect(JSON.parse(version.out)).toMatchObject({
      clientVersion: { gitVersion: 'v1.35.2' },
      serverVersion: { gitVersion: 'v1.36.2' },
    })
    await world.run(['down'])
    expect((await world.run(['run', '--until', '1'])).err).toBe('')
  })

  it('answers the smoke test to it', { timeout: 60_000 }, async () => {
    const { out, err } = await world.sh(
      'node test/golden/run.mjs --kubectl "$(command -v kubectl)" --image registry.k8s.io/pause:3.10 test/golden/kubernetes/smoke.t',
    )
    expect(out + err).toMatch(/5 passed, 0 failed/)
  })
})
