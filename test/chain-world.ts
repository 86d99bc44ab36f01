import type { KubeObject, Lab, Wait } from '../lab/engine/ports.ts'
import { fakeEnvironment } from '../lab/testing/fake-environment.ts'

export const NOW = Date.UTC(2026, 0, 1)
export const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40)) as [string, string, string, string]

export type World = {
  /** The app's commits on main, newest first; absent without the project. */
  commits?: string[]
  clone?: { head: string | null; changed?: string[] }
  pipeline?: { status: string; job?: [string, string]; yamlErrors?: string }
  tags?: string[]
  /** Head and tag of the configuration repository. */
  config?: [string, string]
  /** By resource and name. */
  objects?: Record<string, object>
  pods?: object[]
  waits?: Wait[]
}

/** What a check reads of such a world. */
export function labOf(world: World): Lab {
  const { commits = [], clone, pipeline, config } = world
  const commit = (sha: string) => ({ sha, title: `Change ${sha[0]}`, message: '', author: '', createdAt: '2025-01-01' })
  const { lab } = fakeEnvironment()
  const at = (name: string, app: readonly unknown[], configuration: readonly unknown[]) =>
    (name === 'my-nodejs-app' ? app : configuration) as never
  return {
    ...lab,
    signal: new AbortController().signal,
    clock: { now: () => NOW },
    notes: { get: () => undefined, set: () => {} },
    waits: async () => world.waits ?? [],
    git: { status: async () => clone && { branch: 'main', remotes: {}, unpushed: null, changed: [], ...clone } },
    registry: { tags: async () => world.tags ?? [] },
    kube: {
      ...lab.kube,
      get: async (resource, name) => world.objects?.[`${resource.split('.')[0]}/${name}`] as KubeObject | undefined,
      list: async () => (world.pods ?? []) as KubeObject[],
    },
    gitlab: {
      ...lab.gitlab,
      project: async () => (world.commits ? ({ id: 1 } as never) : undefined),
      commits: async (name) => at(name, commits.map(commit), config ? [commit(config[0])] : []),
      file: async () =>
        config ? `images:\n  - name: x\n    newTag: ${config[1]} # {"$imagepolicy": "x"}\n` : undefined,
      pipelines: async () =>
        pipeline ? [{ id: 7, iid: 2, sha: commits[0], yamlErrors: null, ...pipeline } as never] : [],
      jobs: async () => (pipeline?.job ? [{ name: pipeline.job[0], status: pipeline.job[1] } as never] : []),
    },
  }
}

export const ready = (status: string, reason: string, message = 'x') => ({
  metadata: { name: 'n', generation: 1 },
  status: { observedGeneration: 1, conditions: [{ type: 'Ready', status, reason, message }] },
})
export const withSpec = (object: object, spec: object, status: object = {}) => {
  const { status: before = {}, ...rest } = object as { status?: object }
  return { ...rest, spec, status: { ...before, ...status } }
}
export const deployment = (tag: string, updated = 2, reason = '') => ({
  metadata: { name: 'nodeapp', namespace: 'demo', generation: 1 },
  spec: { replicas: 2, template: { spec: { containers: [{ image: `registry/x:${tag}` }] } } },
  status: {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: updated,
    availableReplicas: updated,
    conditions: [{ type: 'Progressing', status: 'False', reason, message: 'too late' }],
  },
})
export const wait = (actor: string, subject: string, action: string): Wait => ({
  actor,
  subject,
  action,
  due: NOW + 60_000,
})

export const argo = (revision: string, sync: string, more: object = {}, policy = 'automated') => ({
  metadata: { name: 'my-nodejs-app' },
  spec: policy === 'automated' ? { syncPolicy: { automated: { prune: true } } } : {},
  status: { sync: { status: sync, revision }, health: { status: 'Healthy' }, ...more },
})
