import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** Whether a program is on the PATH: a test that needs it says so in its name and is skipped without it. */
export function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The real program with an empty HOME of its own. */
export class World {
  readonly home = mkdtempSync(join(tmpdir(), 'gl-world-'))
  readonly stateDir = join(this.home, '.local', 'state', 'gitops-lab')
  readonly labDir = join(this.home, 'gitops-lab-work')
  private lab: Record<string, string> = {}

  constructor(private readonly path = process.env['PATH'] ?? '') {}

  start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [join(root, 'bin', 'gitops-lab.mjs'), ...args], {
      cwd: this.home,
      env: { PATH: this.path, HOME: this.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  run(args: readonly string[]): Promise<Ran> {
    return ended(this.start(args))
  }

  /** Runs a command in bash with the lab's environment, as `env` prints it. */
  async sh(script: string, env: Record<string, string> = {}): Promise<Ran> {
    if (Object.keys(this.lab).length === 0) {
      const { out } = await this.run(['env'])
      const child = spawn('bash', ['-c', `${out}\nenv -0`], { env: { PATH: this.path, HOME: this.home } })
      const { out: all } = await ended(child)
      this.lab = Object.fromEntries(
        all
          .split('\0')
          .filter(Boolean)
          .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
      )
    }
    return ended(spawn('bash', ['-c', script], { cwd: root, env: { ...this.lab, ...env } }))
  }

  /** The variable of the lab's environment. */
  async variable(name: string): Promise<string> {
    return (await this.sh(`printf %s "$${name}"`)).out
  }

  /** The pid of the background process. */
  pid(): number {
    return (JSON.parse(readFileSync(join(this.stateDir, 'serve.json'), 'utf8')) as { pid: number }).pid
  }

  journal(): { seq: number; at: number; event: Record<string, unknown> & { kind: string } }[] {
    const lines = readFileSync(join(this.stateDir, 'journal.jsonl'), 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line)).filter((line) => 'event' in line)
  }

  /** What the background process wrote. */
  log(): string {
    return readFileSync(join(this.stateDir, 'serve.log'), 'utf8')
  }

  async remove(): Promise<void> {
    await this.run(['down'])
    rmSync(this.home, { recursive: true, force: true })
  }
}

function ended(child: ChildProcess): Promise<Ran> {
  return new Promise((resolve, reject) => {
    let [out, err] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      out += chunk
    })
    child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      err += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}
