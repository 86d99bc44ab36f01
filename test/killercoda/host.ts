import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../lab/sandbox/core/clock.ts'
import { attachIfUp } from '../../lab/serve/launch.ts'
import { stateDir } from '../../lab/serve/state-dir.ts'

type Index = {
  readonly details: {
    readonly intro: { readonly text: string; readonly foreground: string; readonly background: string }
    readonly steps: readonly { readonly title: string; readonly text: string; readonly verify: string }[]
    readonly finish: { readonly text: string }
    readonly assets: { readonly host01: readonly { file: string; target: string; chmod?: string }[] }
  }
}

const npmSetting = (name: string): string => execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim()

/** Variables that say how a machine reaches the registry of packages. */
const REACH = /^(npm_config_.*|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy)$/i

/** What is said when a block is over: this, its exit code, a line's end. */
const OVER = '\x1e'

/** Does with a scenario what the host of scenarios does, on a machine that is only a folder: `/root` is its HOME. */
export class Host {
  readonly home: string
  readonly index: Index
  /** Everything that was typed, and what came of it. */
  transcript = ''
  private readonly folder = mkdtempSync(join(tmpdir(), 'gl-host-'))
  private readonly env: Record<string, string>
  private shell: ChildProcess | undefined
  private said = ''
  private nudged = 0

  constructor(
    private readonly scenario: string,
    env: Record<string, string> = {},
  ) {
    this.home = join(this.folder, 'root')
    mkdirSync(this.home)
    this.index = JSON.parse(readFileSync(join(scenario, 'index.json'), 'utf8'))
    const hostFile = join(this.folder, 'host')
    writeFileSync(hostFile, 'https://0a1b-10-244-5-6-PORT.proxy.example\n')
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      KILLERCODA_HOST_FILE: hostFile,
      // How this machine reaches the registry of packages is no part of what the scenario finds.
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => REACH.test(name))),
      npm_config_cache: npmSetting('cache'),
      npm_config_userconfig: npmSetting('userconfig'),
      npm_config_prefer_offline: 'true',
      ...env,
    }
  }

  text(path: string): string {
    return readFileSync(join(this.scenario, path), 'utf8')
  }

  copyAssets(): void {
    for (const { file, target, chmod } of this.index.details.assets.host01) {
      const to = join(target.replace(/^\/root(?=\/|$)/, this.home), file)
      cpSync(join(this.scenario, 'assets', file), to)
      chmodSync(to, chmod === '+x' ? 0o755 : 0o644)
    }
  }

  /** Runs a script of the scenario as a process of its own: background and verify scripts. */
  script(path: string): Promise<{ code: number | null; out: string }> {
    const child = spawn('bash', [join(this.scenario, path)], {
      cwd: this.home,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })))
  }

  /** Types a text into the terminal and waits until the shell asks for more. */
  async type(text: string): Promise<{ code: number; out: string }> {
    this.shell ??= this.open()
    const { stdin, stdout } = this.shell
    this.said = ''
    stdin?.write(`${text}\nprintf '\\036%s\\n' $?\n`)
    for (;;) {
      const [, out, code] = new RegExp(`^([\\s\\S]*)${OVER}(\\d+)\\n`).exec(this.said) ?? []
      if (out !== undefined) {
        this.transcript += `$ ${text}\n${out}[${code}]\n`
        return { code: Number(code), out }
      }
      await new Promise((resolve) => stdout?.once('data', resolve))
    }
  }

  private open(): ChildProcess {
    const shell = spawn('bash', ['--noprofile', '--norc'], { cwd: this.home, env: this.env, stdio: 'pipe' })
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.said += chunk
      })
    }
    return shell
  }

  /** Shortens the waits of the world as a learner can, but lets what was restarted do its work. */
  async nudge(version: string): Promise<void> {
    if (Date.now() - this.nudged < 3000) return
    this.nudged = Date.now()
    const dir = stateDir(join(this.home, '.local', 'state', 'gitops-lab'), tmpdir())
    const lab = await attachIfUp({ dir, version, clock: systemClock(), onProgress: () => {} })
    await lab?.dispatch({ kind: 'nudge' })
    lab?.detach()
  }

  /** The status that a page of the machine has for somebody who asks by this name. */
  page(port: number, host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path: '/users/sign_in', headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      call.on('error', reject)
      call.end()
    })
  }

  remove(): void {
    const program = join(this.home, '.gitops-lab-scenario', 'program', 'node_modules', '.bin', 'gitops-lab')
    spawnSync(program, ['down'], { env: this.env })
    this.shell?.stdin?.end('kill $(jobs -p) 2>/dev/null; exit\n')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The texts that run at a click, in their order. */
export const execBlocks = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^(`{3,})\w*\n([\s\S]*?)\n\1(\{\{\w+\}\})?$|`([^`\n]+)`\{\{exec\}\}/gm)].flatMap(
    ([, , block, action, line]) => (line !== undefined ? [line] : action === '{{exec}}' ? [block as string] : []),
  )
