import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ActionResult, Environment } from '../engine/ports.ts'
import type { WorldOptions } from '../serve/serve.ts'
import { fakeEnvironment } from './fake-environment.ts'

/** A world on disk for whole-program tests: real bash in LAB_DIR, real files, the rest as in `fakeEnvironment`. */
export async function diskEnvironment({
  labDir,
  stateDir,
  variables,
  log,
  progress,
}: WorldOptions): Promise<Environment> {
  const env = {
    ...variables,
    LAB_DIR: labDir,
    GITLAB_URL: 'http://127.0.0.1:1',
    KUBECONFIG: join(stateDir, 'kubeconfig'),
  }
  const fake = fakeEnvironment()
  const path = (name: string) => join(labDir, name)
  mkdirSync(stateDir, { recursive: true })
  progress('starting the world')
  return {
    ...fake,
    env,
    lab: {
      ...fake.lab,
      env,
      files: {
        read: async (name) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : undefined),
        exists: async (name) => existsSync(path(name)),
      },
    },
    run: (script, options) => runBash(script, { ...options, cwd: labDir, env }),
    async write(name, content) {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), content)
    },
    async nudge(actors) {
      if (!actors.includes('Courier') || existsSync(path('parcel.txt'))) return []
      writeFileSync(path('parcel.txt'), '')
      return ['asked the courier to hurry']
    },
    watch(changed, signal) {
      watch(labDir, { signal, persistent: false }, () => changed('files'))
    },
    async probe(command) {
      appendFileSync(join(stateDir, 'probe.log'), `${command}\n`)
      await fake.probe(command)
    },
    world: undefined,
    close: async () => log('the world ended'),
  }
}

function runBash(
  script: string,
  { cwd, env, signal, onOutput }: Parameters<Environment['run']>[1] & { cwd: string; env: Record<string, string> },
): Promise<ActionResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd,
      env: { ...process.env, ...env },
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', (chunk) => onOutput(String(chunk)))
    child.stderr.on('data', (chunk) => onOutput(String(chunk)))
    child.on('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)))
    child.on('close', (code, how) => resolve({ code, signal: how }))
  })
}
