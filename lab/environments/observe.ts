import type { Clock, KubeObject } from '../engine/ports.ts'
import type { Kube } from './kube.ts'

type Watched = { readonly resource: string; readonly describe: (object: KubeObject) => string | undefined }

/** The kinds whose changes are worth keeping although nobody may be looking, and what is worth telling of them. */
const WATCHED: readonly Watched[] = [
  {
    resource: 'applications.argoproj.io',
    describe: ({ status }) => status?.sync?.status && `${status.sync.status}, ${status.health?.status ?? 'no health'}`,
  },
  {
    resource: 'kustomizations.kustomize.toolkit.fluxcd.io',
    describe: ({ status }) =>
      (status?.conditions as { type: string; reason: string }[] | undefined)?.find(({ type }) => type === 'Ready')
        ?.reason,
  },
  { resource: 'deployments.apps', describe: ({ spec }) => `${spec.replicas ?? 1} replicas wanted` },
]

/** The pause before a kind that is not there, or whose watch broke, is asked for again, in milliseconds. */
const PAUSE = 2000

/** Tells each change of what is worth keeping: `Application argocd/web: Synced, Healthy → OutOfSync, Healthy`. */
export function observe(kube: Kube, tell: (observation: string) => void, clock: Clock, signal: AbortSignal): void {
  for (const { resource, describe } of WATCHED) {
    const known = new Map<string, string>()
    const onEvent = (type: string, object: KubeObject): void => {
      const { name, namespace, uid } = object.metadata
      const before = known.get(uid)
      const after = type === 'DELETED' ? 'deleted' : describe(object)
      if (after === undefined || after === before) return
      known.set(uid, after)
      if (before !== undefined) tell(`${object.kind} ${namespace}/${name}: ${before} → ${after}`)
    }
    let timer: { cancel(): void } | undefined
    const again = async (): Promise<void> => {
      await kube.watch(resource, onEvent, signal).catch(() => {})
      if (!signal.aborted) timer = clock.setTimeout(() => void again(), PAUSE)
    }
    signal.addEventListener('abort', () => timer?.cancel(), { once: true })
    void again()
  }
}
