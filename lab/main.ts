import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pkg from '../package.json' with { type: 'json' }
import { runProgram } from './commands/program.ts'
import { LabError } from './engine/lab-error.ts'
import { systemClock } from './sandbox/core/clock.ts'
import type { CreateEnvironment, WorldOptions } from './serve/serve.ts'

const clock = systemClock()
const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The sandbox and the engine's ports onto it, loaded only by the process that holds it. */
const createSandbox: CreateEnvironment = async (options) => {
  const [{ startSandbox }, { createSandboxEnvironment }, { WEB_ACCESS, webAccess }] = await Promise.all([
    import('./sandbox/index.ts'),
    import('./environments/sandbox.ts'),
    import('./environments/web-access.ts'),
  ])
  const kubectl = await provideKubectl(options)
  const { stateDir, labDir, simulateImages, log } = options
  const web = webAccess(process.env[WEB_ACCESS])
  const sandbox = await startSandbox({ stateDir, clock, kubectl, simulateImages, web, folders: { work: labDir }, log })
  return createSandboxEnvironment({ ...options, sandbox, assets: beside('../assets'), bin: options.binDir, clock })
}

/** The user's own kubectl if it is new enough; otherwise one that is fetched once and put on the lab's PATH. */
async function provideKubectl({ binDir, download, progress }: WorldOptions): Promise<string> {
  const { fetchKubectl, findKubectl, installCommand, LEAST_MINOR } = await import('./environments/kubectl.ts')
  const found = await findKubectl(process.env['PATH'] ?? '')
  if (found.kind === 'found') return found.path
  if (!download) {
    throw new LabError({
      expected: `kubectl 1.${LEAST_MINOR} or later on your PATH`,
      found: found.kind === 'old' ? `version ${found.version}` : 'none, and --no-download',
      next: `Install it: ${installCommand()}`,
    })
  }
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gitops-lab')
  const path = await fetchKubectl(cache, clock, progress)
  mkdirSync(binDir, { recursive: true })
  await rm(join(binDir, 'kubectl'), { force: true })
  symlinkSync(path, join(binDir, 'kubectl'))
  return path
}

function ending(): AbortSignal {
  const end = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => end.abort(new Error(name)))
  return end.signal
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that had enough (`gitops-lab check | head -1`) changes nothing of the answer that the exit code is.
  if (error.code === 'EPIPE') return
  process.stderr.write(`the output cannot be written: ${error.message}\n`)
  process.exit(1)
})
const code = await runProgram(process.argv.slice(2), {
  version: pkg.version,
  course: beside('../steps'),
  packageDir: beside('..'),
  template: beside('../assets/lab'),
  program: [process.execPath, ...process.execArgv, realpathSync(process.argv[1] as string)],
  clock,
  createEnvironment: createSandbox,
  ending,
})
// What a reader has not taken yet would be lost.
const written = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write('', () => done()))
await Promise.all([written(process.stdout), written(process.stderr)])
process.exit(code)
