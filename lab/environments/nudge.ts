import type { KubeObject } from '../engine/ports.ts'
import type { Kube } from './kube.ts'

const FLUX = [
  'gitrepositories.source.toolkit.fluxcd.io',
  'imagerepositories.image.toolkit.fluxcd.io',
  'imageupdateautomations.image.toolkit.fluxcd.io',
  'kustomizations.kustomize.toolkit.fluxcd.io',
]

/** Which objects to ask, by the actor that a verdict waits for. */
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  'source-controller': FLUX.slice(0, 1),
  'kustomize-controller': [FLUX[0] as string, FLUX[3] as string],
  'image-reflector-controller': FLUX.slice(1, 2),
  'image-automation-controller': FLUX.slice(1, 3),
  'Argo CD': ['applications.argoproj.io'],
}

const isFlux = (resource: string): boolean => FLUX.includes(resource)

/**
 * What an operator does to shorten a wait for the given actors: Flux objects get a new `requestedAt`, Applications a
 * refresh, and Image Updater, which looks early for nothing else, a restart. Tells what was done.
 */
export async function nudge(kube: Kube, actors: readonly string[], now: number): Promise<string[]> {
  const done: string[] = []
  for (const resource of new Set(actors.flatMap((actor) => OBJECTS[actor] ?? []))) {
    for (const object of await kube.list(resource)) {
      if (object['spec']?.suspend === true || object.metadata.deletionTimestamp) continue
      const { name, namespace = '' } = object.metadata
      const annotations = isFlux(resource)
        ? { 'reconcile.fluxcd.io/requestedAt': new Date(now).toISOString() }
        : { 'argocd.argoproj.io/refresh': 'normal' }
      if ((await kube.patch(resource, name, namespace, { metadata: { annotations } })) === 200) {
        done.push(`asked ${object.kind} ${namespace}/${name} to reconcile now`)
      }
    }
  }
  if (actors.includes('Image Updater')) done.push(...(await restartImageUpdater(kube, now)))
  return done
}

async function restartImageUpdater(kube: Kube, now: number): Promise<string[]> {
  const name = 'argocd-image-updater-controller'
  const deployment = await kube.get('deployments.apps', name, 'argocd')
  if (!deployment || !settled(deployment)) return []
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date(now).toISOString() }
  await kube.patch('deployments.apps', name, 'argocd', { spec: { template: { metadata: { annotations } } } })
  return [`restarted deployment argocd/${name}`]
}

/** Whether a restart that was asked for before is over. */
const settled = ({ metadata, ...deployment }: KubeObject): boolean =>
  deployment['status']?.observedGeneration === metadata.generation &&
  deployment['status']?.updatedReplicas === deployment['status']?.replicas &&
  (deployment['status']?.unavailableReplicas ?? 0) === 0
