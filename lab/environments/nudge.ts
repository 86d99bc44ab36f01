import type { KubeObject } from '../engine/ports.ts'
import type { Kube } from './kube.ts'

const GIT_REPOSITORIES = 'gitrepositories.source.toolkit.fluxcd.io'
const KUSTOMIZATIONS = 'kustomizations.kustomize.toolkit.fluxcd.io'
const IMAGE_REPOSITORIES = 'imagerepositories.image.toolkit.fluxcd.io'
const IMAGE_AUTOMATIONS = 'imageupdateautomations.image.toolkit.fluxcd.io'
const APPLICATIONS = 'applications.argoproj.io'

/** Which objects to ask, by the actor that a verdict waits for. */
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  'source-controller': [GIT_REPOSITORIES],
  'kustomize-controller': [GIT_REPOSITORIES, KUSTOMIZATIONS],
  'image-reflector-controller': [IMAGE_REPOSITORIES],
  'image-automation-controller': [IMAGE_REPOSITORIES, IMAGE_AUTOMATIONS],
  'Argo CD': [APPLICATIONS],
}

const isReady = (object: KubeObject | undefined): boolean =>
  (object?.['status']?.conditions as { type: string; status: string }[] | undefined)?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  ) ?? false

/**
 * Whether asking helps. A Kustomization that is Ready looks by itself when its source brings something new, and asking
 * it makes those that depend on it wait; one whose dependencies are not Ready would only say so again.
 */
function isWorthAsking(resource: string, object: KubeObject, all: readonly KubeObject[]): boolean {
  if (object['spec']?.suspend === true || object.metadata.deletionTimestamp) return false
  if (resource !== KUSTOMIZATIONS) return true
  const dependencies = (object['spec'].dependsOn ?? []) as { name: string }[]
  const named = (name: string) => all.find(({ metadata }) => metadata.name === name)
  return !isReady(object) && dependencies.every(({ name }) => isReady(named(name)))
}

/**
 * What an operator does to shorten a wait for the given actors: Flux objects get a new `requestedAt`, Applications a
 * refresh, and Image Updater, which looks early for nothing else, a restart. Tells what was done.
 */
export async function nudge(kube: Kube, actors: readonly string[], now: number): Promise<string[]> {
  const done: string[] = []
  for (const resource of new Set(actors.flatMap((actor) => OBJECTS[actor] ?? []))) {
    const objects = await kube.list(resource)
    for (const object of objects.filter((candidate) => isWorthAsking(resource, candidate, objects))) {
      const { name, namespace = '' } = object.metadata
      const annotations =
        resource === APPLICATIONS
          ? { 'argocd.argoproj.io/refresh': 'normal' }
          : { 'reconcile.fluxcd.io/requestedAt': new Date(now).toISOString() }
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
