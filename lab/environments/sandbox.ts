import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, Environment, ProbeReport, WorldPart } from '../engine/ports.ts'
import type { Sandbox } from '../sandbox/index.ts'
import { createGitlabReaders } from './gitlab.ts'
import { Kube } from './kube.ts'
import { nudge } from './nudge.ts'
import { observe } from './observe.ts'
import { Probe } from './probe.ts'
import { runScript } from './shell.ts'
import { createGitReader, createHttpReader, createToolsReader } from './tools.ts'
import { labVariables } from './variables.ts'
import { createFilesReader, fillWorkspace, inside } from './workspace.ts'

const SERVICE = '/api/v1/namespaces/demo/services/nodeapp:8080/proxy/listUsers'

/** The registry's name in image references: one fixed name without a port, that everything inside resolves. */
const IMAGE_REGISTRY = 'registry.lab.test'

export type SandboxEnvironmentOptions = {
  readonly sandbox: Sandbox
  /** The learner's folder. */
  readonly labDir: string
  /** Where this environment keeps what must survive it: the probe's counts. */
  readonly stateDir: string
  /** What the lab hands out. */
  readonly assets: string
  /** The lab's own programs, put first on the PATH. */
  readonly bin: string
  /** Variables of the course. */
  readonly variables: Readonly<Record<string, string>>
  readonly clock: Clock
}

/** The engine's ports onto a running sandbox. */
export function createSandboxEnvironment(options: SandboxEnvironmentOptions): Environment {
  const { sandbox, labDir, clock } = options
  const labEnv = labVariables({
    kubeconfig: sandbox.kubernetes.kubeconfig,
    gitlab: sandbox.gitlab,
    registry: sandbox.registry.host,
    imageRegistry: IMAGE_REGISTRY,
    labDir,
    bin: options.bin,
    path: process.env['PATH'] ?? '',
  })
  const env = { ...options.variables, ...labEnv }
  fillWorkspace(labDir, options.assets, env)
  const kube = new Kube(sandbox.kubernetes.kubeconfig)
  const { host, user, token } = { host: sandbox.gitlab.url, ...sandbox.gitlab }
  const readers = createGitlabReaders({ host, user, token })
  const reportFile = join(options.stateDir, 'probe.json')
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 })
  const probe = new Probe({
    clock,
    resume: readReport(reportFile),
    request: async (signal) => (await kube.raw(SERVICE, signal)).status,
    onReport: (report) => writeFileSync(reportFile, JSON.stringify(report), { mode: 0o600 }),
  })
  const waits = async () => sandbox.timers().map(({ actor, subject, action, due }) => ({ actor, subject, action, due }))

  return {
    env,
    lab: {
      kube,
      ...readers,
      http: createHttpReader(),
      files: createFilesReader(labDir),
      git: createGitReader(labDir, env),
      tools: createToolsReader(env),
      probe,
      env,
      waits,
    },
    run: (script, { signal, onOutput }) => runScript(script, { cwd: labDir, env, clock, signal, onOutput }),
    async write(path, content) {
      const file = inside(labDir, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    },
    nudge: (actors) => nudge(kube, actors, clock.now()),
    async probe(command) {
      if (command === 'start') probe.start()
      else probe.stop()
    },
    watch(changed, signal) {
      const stop = sandbox.subscribe(changed)
      signal.addEventListener('abort', stop, { once: true })
      observe(kube, (observation) => changed('cluster', observation), clock, signal)
    },
    world: {
      async parts(): Promise<WorldPart[]> {
        return [
          { name: 'Kubernetes', address: sandbox.kubernetes.url, state: 'running' },
          { name: 'GitLab', address: sandbox.gitlab.url, state: 'running' },
          { name: 'registry', address: sandbox.registry.host, state: 'running' },
        ]
      },
      snapshot: (name) => sandbox.snapshot(name),
      restore: (name) => sandbox.restore(name),
      snapshots: () => sandbox.snapshots(),
    },
    async close() {
      probe.pause()
      await sandbox.stop()
    },
  }
}

function readReport(file: string): ProbeReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProbeReport
  } catch {
    return undefined
  }
}
