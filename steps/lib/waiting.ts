import { blocked, type KubeObject, type Lab, pending, type Verdict } from '../../lab/step.ts'
import { cause } from './causes.ts'
import { podTrouble } from './pods.ts'

type Controller = { readonly namespace: string; readonly resource: string; readonly name: string }

const flux = (name: string): readonly Controller[] => [{ namespace: 'flux-system', resource: 'deployments.apps', name }]

export const UPDATER = 'argocd-image-updater-controller'
/** Image Updater looks when it starts. */
export const RESTART_UPDATER = `kubectl rollout restart deployment ${UPDATER} --namespace argocd`

/** The programs behind an actor; all of them have to run for it to act. */
const CONTROLLERS: Readonly<Record<string, readonly Controller[]>> = {
  'source-controller': flux('source-controller'),
  'kustomize-controller': flux('kustomize-controller'),
  'image-reflector-controller': flux('image-reflector-controller'),
  'image-automation-controller': flux('image-automation-controller'),
  'Argo CD': [
    { namespace: 'argocd', resource: 'statefulsets.apps', name: 'argocd-application-controller' },
    { namespace: 'argocd', resource: 'deployments.apps', name: 'argocd-repo-server' },
  ],
  'Image Updater': [{ namespace: 'argocd', resource: 'deployments.apps', name: UPDATER }],
}

export type Awaited = {
  readonly expected: string
  readonly found: string
  /** Who acts next, as `lab.waits()` names it. */
  readonly actor: string
  /** What it acts on: `Application argocd/my-nodejs-app`. */
  readonly on: string
  /** When it acts at the latest, if no timer of it is known. */
  readonly until?: number | undefined
}

/**
 * Pending: who acts, on what, by when, and what shortens it. Blocked where the one who should act cannot: it is not
 * installed, scaled to zero, or does not start.
 */
export async function waitFor(lab: Lab, { expected, found, actor, on, until }: Awaited): Promise<Verdict> {
  for (const controller of CONTROLLERS[actor] ?? []) {
    const trouble = await troubleOf(lab, controller)
    if (trouble)
      return blocked({ expected, found: `${found}; ${trouble.found}`, cause: trouble.cause, next: trouble.next })
  }
  const due = (await lab.waits()).filter((wait) => wait.actor === actor && wait.subject === on).map((wait) => wait.due)
  return pending({
    expected,
    found,
    actor,
    on,
    until: due.length > 0 ? Math.min(...due) : until,
    next: shorten(actor, on),
  })
}

/** Why a controller cannot act. */
export async function troubleOf(lab: Lab, { resource, name, namespace }: Controller) {
  const object = await lab.kube.get(resource, name, namespace)
  const kind = resource.replace(/s\..*/, '')
  if (!object) {
    return {
      found: `there is no ${kind} ${name} in namespace ${namespace}`,
      cause: cause('controller-missing'),
      next: 'Install it: the manifest of its step brings it.',
    }
  }
  if (object['spec'].replicas === 0) {
    return {
      found: `${name} has 0 replicas`,
      cause: cause('controller-scaled-to-zero'),
      next: `kubectl scale ${kind} ${name} --namespace ${namespace} --replicas=1`,
    }
  }
  if ((object['status']?.readyReplicas ?? 0) > 0) return undefined
  const trouble = podTrouble(await podsOf(lab, object))
  return (
    trouble && {
      found: `${name}: ${trouble.found}`,
      cause: cause('controller-crashing'),
      next: `Read its log, and undo what changed it: kubectl rollout undo ${kind} ${name} --namespace ${namespace}`,
    }
  )
}

/** The pods that a workload selects. */
export function podsOf(lab: Lab, { metadata, ...workload }: KubeObject): Promise<readonly KubeObject[]> {
  const labels = Object.entries((workload['spec'].selector.matchLabels ?? {}) as Record<string, string>)
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',')
  return lab.kube.list('pods', { namespace: metadata.namespace, labelSelector })
}

const FLUX_RESOURCES: Readonly<Record<string, string>> = {
  GitRepository: 'gitrepository',
  Kustomization: 'kustomization.kustomize.toolkit.fluxcd.io',
  ImageRepository: 'imagerepository',
  ImagePolicy: 'imagepolicy',
  ImageUpdateAutomation: 'imageupdateautomation',
}

/** What an operator does to wait less. */
function shorten(actor: string, on: string): string | undefined {
  const press = 'To wait less, press f, or run: '
  const [kind = '', key = ''] = on.split(' ')
  const [namespace, name] = key.split('/')
  if (actor === 'Image Updater') {
    return `${press}${RESTART_UPDATER}`
  }
  if (kind === 'Application') {
    return `${press}kubectl annotate application ${name} --namespace ${namespace} --overwrite argocd.argoproj.io/refresh=normal`
  }
  const resource = FLUX_RESOURCES[kind]
  return (
    resource &&
    `${press}kubectl annotate ${resource} ${name} --namespace ${namespace} --overwrite reconcile.fluxcd.io/requestedAt="$(date +%s)"`
  )
}
