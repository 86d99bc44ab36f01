import type { Environment, Lab, ProbeReport } from '../engine/ports.ts'

export type FakeWorld = Environment & {
  /** LAB_DIR: what actions write and checks read. */
  readonly files: Map<string, string>
  /** What the session asked for, in order. */
  readonly calls: string[]
  /** Tells the session that something changed. */
  change(observation?: string): void
}

export type FakeOptions = {
  /** Runs a script; the default knows the ones of the fixture course. Its output and exit code are the command's. */
  readonly run?: (script: string, world: FakeWorld, options: Parameters<Environment['run']>[1]) => Promise<number>
  readonly world?: boolean
}

const absent = async () => undefined
const none = async () => []

/** A world in memory for the fixture course: files are a map, the courier brings the parcel when nudged. */
export function fakeEnvironment(options: FakeOptions = {}): FakeWorld {
  const files = new Map<string, string>()
  const calls: string[] = []
  const saved = new Map<string, ReadonlyMap<string, string>>()
  let changed: (what: string, observation?: string) => void = () => {}
  let report: ProbeReport | undefined
  const env = { LAB_DIR: '/lab', GREETING: 'hello' }
  const lab: Omit<Lab, 'signal' | 'notes' | 'clock'> = {
    kube: { get: absent, list: none, events: none, raw: async () => ({ status: 404, body: '' }), logs: async () => '' },
    gitlab: {
      user: absent,
      project: absent,
      branches: none,
      commits: none,
      file: absent,
      pipelines: none,
      jobs: none,
      trace: async () => '',
    },
    registry: { tags: none },
    http: { get: absent },
    files: { read: async (path) => files.get(path), exists: async (path) => files.has(path) },
    git: { status: absent },
    tools: { version: async () => '5.2.0' },
    probe: { report: async () => report },
    env,
    waits: async () => [{ actor: 'Courier', subject: 'parcel', action: 'bring it', due: 60_000 }],
  }
  const world: FakeWorld = {
    env,
    lab,
    files,
    calls,
    change: (observation) => changed('test', observation),
    async run(script, runOptions) {
      calls.push(`run ${script.split('\n').at(-1)}`)
      return { code: await (options.run ?? fixtureScripts)(script, world, runOptions), signal: null }
    },
    async write(path, content) {
      calls.push(`write ${path}`)
      files.set(path, content)
    },
    async nudge(actors) {
      calls.push(`nudge ${actors}`)
      if (!actors.includes('Courier') || !files.has('request.yaml') || files.has('parcel.txt')) return []
      files.set('parcel.txt', '')
      return ['asked the courier to hurry']
    },
    async probe(command) {
      calls.push(`probe ${command}`)
      report = { startedAt: 0, stoppedAt: command === 'stop' ? 1 : null, served: 10, lost: 0 }
    },
    watch(notify) {
      changed = notify
    },
    world:
      options.world === false
        ? undefined
        : {
            parts: async () => [{ name: 'files', address: '/lab', state: 'up' }],
            snapshot: async (name) => void saved.set(name, new Map(files)),
            restore: async (name) => {
              const found = saved.get(name)
              if (!found) return false
              files.clear()
              for (const [path, content] of found) files.set(path, content)
              return true
            },
            snapshots: async () => [...saved.keys()].map((name) => ({ name, takenAt: 0 })),
          },
  }
  return world
}

/** What the scripts of the fixture course do to the world. */
export async function fixtureScripts(
  script: string,
  { files }: FakeWorld,
  { onOutput }: Parameters<Environment['run']>[1],
): Promise<number> {
  if (script.includes('echo "$GREETING"')) files.set('greeting.txt', 'hello\n')
  else if (script.startsWith('cat')) onOutput(files.get('greeting.txt') ?? '')
  else if (script.includes('refused.txt')) {
    files.set('refused.txt', '')
    return 3
  } else onOutput('GNU bash\n')
  return 0
}
