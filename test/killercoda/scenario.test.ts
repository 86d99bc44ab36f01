import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest'
import { closeServer, listenOnLoopback } from '../../lab/sandbox/core/http.ts'
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
  })

  it.each([
    ['an empty file', Buffer.alloc(0), 64, 'a package as `npm pack` makes it'],
    ['a file of another kind', Buffer.from('{}'), 64, 'a package as `npm pack` makes it'],
    ['more than hosts take', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(9_000_000)]), 1, '9 MB at most'],
  ])('refuses %s as its package, and writes nothing', (name, content, code, expected) => {
    writeFileSync(join(folder, name), content)
    const refused = program('export', 'killercoda', '--out', 'none', '--package', name)
    expect(refused).toMatchObject({ code, err: expect.stringContaining(expected) })
    expect(existsSync(join(folder, 'none'))).toBe(false)
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
  /** Programs that a machine has before its others. */
  function programs(scripts: Readonly<Record<string, string>>): string {
    const bin = mkdtempSync(join(folder, 'bin-'))
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    }
    return bin
  }
  const path = (scripts: Readonly<Record<string, string>>) => `${programs(scripts)}:${process.env['PATH']}`
  const OLD = 'if test "$1" = --version; then echo v18.20.8; else exit 1; fi'
  /** Ends with the address as the last argument, and `$to` as the file to write. */
  const OPTIONS = 'while test $# -gt 1; do if test "$1" = --output; then to=$2; fi; shift; done'

  /** What terminal, background and verify script say, and the log. */
  async function prepared(
    env: Record<string, string>,
    change: (host: Host) => void = () => {},
    follow: (host: Host, advised: string) => Promise<void> = async () => {},
  ) {
    const host = new Host(scenario, { GITOPS_LAB_PAUSE: '0', ...env })
    try {
      host.copyAssets()
      change(host)
      const background = host.script(host.index.details.intro.background)
      const { code, out } = await host.type(host.text(host.index.details.intro.foreground))
      const ended = await background
      const verify = await host.script(host.index.details.steps[0]?.verify ?? '')
      const log = join(host.home, '.gitops-lab-scenario', 'setup.log')
      expect([code, verify.code]).toEqual([1, 1])
      const [, advised = ''] = /To go on from here: (bash .*wait\.sh again) &&/.exec(out) ?? []
      expect(advised).not.toBe('')
      await follow(host, advised)
      return { out, background: ended.code, verify: verify.out, log: existsSync(log) ? readFileSync(log, 'utf8') : '' }
    } finally {
      host.remove()
    }
  }

  it('says what failed when there is no network, and how to go on', { timeout: 120_000 }, async () => {
    const { out, background, verify } = await prepared({
      npm_config_cache: join(folder, 'empty-cache'),
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
    })
    expect(out).toContain('that failed, and is tried again')
    expect(out).toContain('Installing the lab failed 3 times')
    expect(out).toMatch(/ECONNREFUSED[\s\S]*Is there a network\?/)
    expect(background).toBe(1)
    expect(verify).toMatch(/Installing the lab failed[\s\S]*In the terminal: bash .*wait\.sh/)
  })

  it('does not run a Node.js that is not the one it asked for', { timeout: 60_000 }, async () => {
    const { out } = await prepared({ PATH: path({ node: OLD, curl: `${OPTIONS}; echo something else >"$to"` }) })
    expect(out).toContain('is needed, and this machine has v18.20.8: the scenario brings its own')
    expect(out).toMatch(/What came as Node\.js [\d.]+ is something else: its SHA-256 is not [0-9a-f]{64}/)
  })

  it('runs the Node.js that it asked for', { timeout: 60_000 }, async () => {
    const top = mkdtempSync(join(folder, 'node-'))
    mkdirSync(join(top, 'node', 'bin'), { recursive: true })
    for (const name of ['node', 'npm']) {
      writeFileSync(
        join(top, 'node', 'bin', name),
        `#!/bin/sh\necho "error: this is the ${name} that came"; exit 1\n`,
        {
          mode: 0o755,
        },
      )
    }
    const tarball = join(top, 'node.tar.gz')
    execFileSync('tar', ['-czf', tarball, '-C', top, 'node'])
    const sha256 = createHash('sha256').update(readFileSync(tarball)).digest('hex')
    const curl = `${OPTIONS}; case $1 in https://nodejs.org/dist/v*/node-v*-linux-*.tar.gz) cp ${tarball} "$to" ;; *) exit 1 ;; esac`
    const { out } = await prepared({ PATH: path({ node: OLD, curl }) }, ({ home }) => {
      const setup = join(home, '.gitops-lab-scenario', 'setup.sh')
      const text = readFileSync(setup, 'utf8')
      writeFileSync(setup, text.replace(/^(NODE_SHA256_\w+)=.*$/gm, `$1=${sha256}`))
    })
    expect(out).toMatch(/Installing the lab failed 3 times[\s\S]*this is the npm that came/)
  })

  it.skipIf(!has('curl'))('tells of a proxy that wants a password, and no password', { timeout: 60_000 }, async () => {
    const proxy = createServer()
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
    const port = await listenOnLoopback(proxy)
    const address = `http://me:open-sesame@127.0.0.1:${port}`
    const real = execFileSync('sh', ['-c', 'command -v curl'], { encoding: 'utf8' }).trim()
    const curl = `echo "by way of $https_proxy" >&2; exec ${real} "$@"`
    try {
      const said = await prepared({ PATH: path({ node: OLD, curl }), https_proxy: address, no_proxy: '', NO_PROXY: '' })
      expect(said.out).toMatch(
        /Fetching Node\.js [\d.]+ failed 3 times[\s\S]*The proxy wants a user name and a password/,
      )
      expect(said.log).toContain(`by way of http://***@127.0.0.1:${port}`)
      expect(JSON.stringify(said)).not.toContain('open-sesame')
    } finally {
      await closeServer(proxy)
    }
  })

  it('says so when the host ends the background script', { timeout: 60_000 }, async () => {
    const curl = 'kill -9 "$(cat "$HOME/.gitops-lab-scenario/pid")"'
    const { out, background, verify } = await prepared(
      { PATH: path({ node: OLD, curl }) },
      () => {},
      async (host, advised) => {
        // Nothing was mended, so that it comes to the same end.
        const again = await host.type(advised)
        expect([again.code, again.out]).toEqual([1, expect.stringMatching(/brings its own[\s\S]*ended before it was/)])
      },
    )
    expect(background).toBeNull()
    expect(out).toContain('The preparation was ended before it was done')
    expect(verify).toContain('still being prepared')
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

  it('leads a terminal that is opened later to the lab', async () => {
    const { out } = await host.type(
      `env -i HOME="$HOME" PATH="$PATH" bash -ic 'echo "$GITLAB_URL in $PWD"' 2>/dev/null`,
    )
    expect(out).toBe(`http://127.0.0.1:8929 in ${host.home}/gitops-lab-work\n`)
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
