import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { FIXTURE } from './fixture.ts'

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

export type Program = {
  readonly home: string
  readonly stateDir: string
  readonly labDir: string
  readonly path: string
  /** Runs the program to its end, in an environment of its own. */
  run(args: readonly string[], options?: { env?: Record<string, string>; cwd?: string }): Promise<Ran>
  start(args: readonly string[]): ChildProcess
  /** The pid of the background process. */
  pid(): number
  /** Ends what runs and removes everything. */
  remove(): Promise<void>
}

/** Bundles the program with a world on disk, into a folder of its own. */
export async function bundleProgram(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'gl-'))
  const path = join(folder, 'fake-main.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'fake-main.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    jsx: 'automatic',
    external: ['react-devtools-core'],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  const home = join(folder, 'home')
  mkdirSync(home)
  const stateDir = join(home, '.local', 'state', 'gitops-lab')
  const start = (args: readonly string[], env: Record<string, string> = {}, cwd = home) =>
    spawn(process.execPath, [path, FIXTURE, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const program: Program = {
    home,
    stateDir,
    labDir: join(home, 'gitops-lab-work'),
    path,
    start,
    run: (args, { env, cwd } = {}) =>
      new Promise((resolve, reject) => {
        const child = start(args, env, cwd)
        let [out, err] = ['', '']
        child.stdout.on('data', (chunk) => {
          out += chunk
        })
        child.stderr.on('data', (chunk) => {
          err += chunk
        })
        child.on('error', reject)
        child.on('close', (code) => resolve({ code, out, err }))
      }),
    pid: () => (JSON.parse(readFileSync(join(stateDir, 'serve.json'), 'utf8')) as { pid: number }).pid,
    async remove() {
      await program.run(['down'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return program
}
