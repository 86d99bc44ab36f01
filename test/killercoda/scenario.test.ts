import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import pkg from '../../package.json' with { type: 'json' }
import { has } from '../world.ts'
import { execBlocks, Host } from './host.ts'

const root = resolve(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'gl-killercoda-'))
const out = join(folder, 'out')
const scenario = join(out, 'gitops-with-argo-cd')

const program = (...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'gitops-lab.mjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { code: status, err: stderr }
}

const contents = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path)).toString('base64')]),
  )

beforeAll(() => {
  const exported = program('export', 'killercoda', '--out', 'out')
  expect(exported).toEqual({ code: 0, err: '' })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the exported scenario', () => {
  it('has the same bytes each time', { timeout: 120_000 }, () => {
    const before = contents(out)
    expect(program('export', 'killercoda', '--out', 'again')).toEqual({ code: 0, err: '' })
    expect(contents(join(folder, 'again'))).toEqual(before)
  })

  it('replaces an earlier export, leaves files of others alone, and refuses a folder with anything else', () => {
    const tarball = join(scenario, 'assets', 'lab.tgz')
    const target = join(folder, 'again')
    writeFileSync(join(target, 'mine.txt'), 'mine')
    const marker = join(target, '.gitops-lab-export')
    const { files } = JSON.parse(readFileSync(marker, 'utf8'))
    writeFileSync(join(target, 'stale.md'), 'of an earlier version')
    writeFileSync(marker, JSON.stringify({ files: [...files, 'stale.md', '../kept.txt'] }))
    writeFileSync(join(folder, 'kept.txt'), 'kept')
    expect(program('export', 'killercoda', '--out', 'again', '--package', tarball).code).toBe(0)
    const { 'mine.txt': mine, ...rest } = contents(target)
    expect(mine).toBeDefined()
    expect(rest).toEqual(contents(out))
    expect(existsSync(join(folder, 'kept.txt'))).toBe(true)

    mkdirSync(join(folder, 'other'))
    writeFileSync(join(folder, 'other', 'thesis.txt'), '')
    expect(program('export', 'killercoda', '--out', 'other', '--package', tarball)).toMatchObject({ code: 64 })
    expect(readdirSync(join(folder, 'other'))).toEqual(['thesis.txt'])
    expect(program('export', 'killercoda', '--out', 'x', '--package', marker).err).toContain('a package as `npm pack`')
  })

  it('brings assets that hosts take, names only files that are there, and no notes for presenters', () => {
    for (const name of readdirSync(join(scenario, 'assets'))) {
      expect(statSync(join(scenario, 'assets', name)).size).toBeLessThan(9_000_000)
    }
    const { details } = JSON.parse(readFileSync(join(scenario, 'index.json'), 'utf8'))
    const named = [details.intro, ...details.steps, details.finish].flatMap(({ title, ...files }) =>
      Object.values(files),
    )
    expect(details.steps).toHaveLength(5)
    for (const file of named) expect(existsSync(join(scenario, file as string)), String(file)).toBe(true)
    for (const path of named.filter((file) => String(file).endsWith('.md'))) {
      expect(readFileSync(join(scenario, path as string), 'utf8')).not.toMatch(/\[!\w+\]|Goes wrong:|- Say:/)
    }
  })

  it('has scripts that bash reads', () => {
    const scripts = Object.keys(contents(out)).filter((path) => path.endsWith('.sh'))
    for (const path of scripts) execFileSync('bash', ['-n', join(out, path)])
    if (has('shellcheck')) execFileSync('shellcheck', ['--shell=bash', ...scripts.map((path) => join(out, path))])
  })
})

describe('a machine on which the preparation fails', () => {
  it('says what failed when there is no network, and how to go on', { timeout: 120_000 }, async () => {
    const host = new Host(scenario, {
      npm_config_cache: join(folder, 'empty-cache'),
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      GITOPS_LAB_PAUSE: '0',
    })
    try {
      host.copyAssets()
      const background = host.script(host.index.details.intro.background)
      const { code, out } = await host.type(host.text(host.index.details.intro.foreground))
      expect(code).toBe(1)
      expect(out).toContain('that failed, and is tried again')
      expect(out).toContain('Installing the lab failed 3 times')
      expect(out).toMatch(/ECONNREFUSED[\s\S]*To go on from here: bash .*wait\.sh again/)
      expect((await background).code).toBe(1)
      const verify = await host.script(host.index.details.steps[0]?.verify ?? '')
      expect(verify.code).toBe(1)
      expect(verify.out).toContain('still being prepared')
    } finally {
      host.remove()
    }
  })

  it('does not run a Node.js that is not the one it asked for', { timeout: 60_000 }, async () => {
    const bin = join(folder, 'old-bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const fetching = '#!/bin/sh\nwhile test "$1" != --output; do shift; done\necho something else >"$2"\n'
    writeFileSync(join(bin, 'curl'), fetching, { mode: 0o755 })
    const host = new Host(scenario, { PATH: `${bin}:${process.env['PATH']}`, GITOPS_LAB_PAUSE: '0' })
    try {
      host.copyAssets()
      void host.script(host.index.details.intro.background)
      const { code, out } = await host.type(host.text(host.index.details.intro.foreground))
      expect(code).toBe(1)
      expect(out).toMatch(/What came as Node\.js [\d.]+ is something else: its SHA-256 is not [0-9a-f]{64}/)
    } finally {
      host.remove()
    }
  })
})

describe.skipIf(!has('kubectl'))('the scenario, played', () => {
  let host: Host
  beforeAll(async () => {
    host = new Host(scenario)
    const { intro } = host.index.details
    host.copyAssets()
    const background = host.script(intro.background)
    const foreground = await host.type(host.text(intro.foreground))
    expect(foreground).toMatchObject({ code: 0 })
    expect(foreground.out).toContain('The lab is ready.')
    expect((await background).code).toBe(0)
    for (const block of execBlocks(host.text(intro.text))) expect(await host.type(block)).toMatchObject({ code: 0 })
  }, 180_000)
  afterAll(() => host?.remove())

  it('shows GitLab to the port proxy, and to no other name', async () => {
    expect(await host.page(8929, '0a1b-10-244-5-6-8929.proxy.example')).toBe(200)
    expect(await host.page(8929, 'evil.example')).toBe(421)
  })

  it('passes each step by its own blocks alone, and not before', { timeout: 400_000 }, async () => {
    onTestFailed(() => void process.stderr.write(host.transcript.slice(-5000)))
    for (const { title, text, verify } of host.index.details.steps) {
      const before = await host.script(verify)
      expect(before.code, title).not.toBe(0)
      expect(before.out, title).toMatch(/expected[\s\S]*found/)
      expect(before.out, title).not.toMatch(/^done$/m)
      for (const block of execBlocks(host.text(text))) await passed(host, block)
      expect(await host.script(verify), title).toEqual({ code: 0, out: 'done\n' })
    }
  })
})

/** Runs a block; one that asks for verdicts is clicked again until it says that the task passed. */
async function passed(host: Host, block: string): Promise<void> {
  for (let blocked = 0; blocked < 60; ) {
    const { code, out } = await host.type(block)
    if (code === 0 || !block.startsWith('gitops-lab check ')) return
    if (code !== 1 && code !== 2) throw new Error(`${block}: ${out}`)
    // The world is often a bit late, and then it looks as if nobody would act.
    blocked = code === 1 ? blocked + 1 : 0
    await host.nudge(pkg.version)
  }
  throw new Error(`${block} says again and again that it is for the learner to act`)
}
