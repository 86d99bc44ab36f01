import { blocked, type KubeObject, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { cause } from './causes.ts'
import { AUTOMATION, get, NAMESPACES, POLICY, SCAN, SOURCE, WORKLOADS } from './flux.ts'
import { DEPLOYMENTS } from './names.ts'
import { mergePatch, nameOf, type Wanted } from './objects.ts'
import { troubleOf } from './waiting.ts'

const LABELS = ['kustomize.toolkit.fluxcd.io/name', 'kustomize.toolkit.fluxcd.io/namespace']

/** What somebody may suspend in place of what should be. */
const OTHERS: readonly Wanted[] = [SOURCE, SCAN, POLICY]

const suspend = (wanted: Wanted): string => mergePatch(wanted, { spec: { suspend: true } })

/** Whether an object of Flux no longer acts: suspended, or deleted in a way that left its workloads alone. */
export async function fluxStopped(lab: Lab, wanted: Wanted): Promise<Verdict> {
  const expected = `${wanted.kind} ${wanted.name} is suspended`
  const found = await get(lab, wanted)
  if (found?.['spec'].suspend === true) return passed()
  if (!found) {
    if (await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'))
      return passed('it is deleted, and its workloads are still there')
    return blocked({
      expected,
      found: `there is no ${nameOf(wanted)}, and no deployment nodeapp`,
      cause: cause('kustomization-deleted'),
      next: 'Create it again as in gitlab/connect-flux, record the baseline again as in replace-flux/baseline, then suspend it.',
    })
  }
  const others = await Promise.all(OTHERS.map((other) => get(lab, other)))
  const wrong = OTHERS.filter((_, at) => others[at]?.['spec'].suspend === true)
  return blocked({
    expected,
    found: `it is active${wrong.length > 0 ? `, and ${wrong.map(nameOf).join(', ')} is suspended` : ''}`,
    cause: cause(wrong.length > 0 ? 'suspended-wrong-object' : 'flux-active'),
    next: suspend(wanted),
  })
}

/** Whether nothing in namespace demo is marked as applied by Flux. */
export async function unlabelled(lab: Lab): Promise<Verdict> {
  const objects = await Promise.all([
    lab.kube.get('namespaces', 'demo'),
    lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'),
    lab.kube.get('services', 'nodeapp', 'demo'),
  ])
  const expected = 'namespace demo, deployment nodeapp and service nodeapp without a label of Flux'
  if (objects.includes(undefined)) {
    return blocked({
      expected,
      found: 'not all of them are there',
      next: 'Sync both Applications, then look again: kubectl get applications --namespace argocd',
    })
  }
  const marked = objects.filter((object) => LABELS.some((label) => label in (object?.metadata.labels ?? {})))
  if (marked.length === 0) return passed()
  const active = await fluxActive(lab)
  return blocked({
    expected,
    found: marked.map((object) => `${object?.kind} ${object?.metadata.name} has them`).join(', '),
    cause: active && cause('flux-active', `${nameOf(active)} is not suspended, and writes them again.`),
    next: active ? suspend(active) : marked.map(unlabel).join(' && '),
  })
}

const unlabel = (object: KubeObject | undefined): string =>
  `kubectl label ${object?.kind.toLowerCase()} ${object?.metadata.name} --namespace demo ${LABELS.map((label) => `${label}-`).join(' ')}`

async function fluxActive(lab: Lab): Promise<Wanted | undefined> {
  const all = [NAMESPACES, WORKLOADS]
  const found = await Promise.all(all.map((wanted) => get(lab, wanted)))
  return all.find((_, at) => found[at] && found[at]['spec'].suspend !== true)
}

/** Whether Flux's namespace is gone, and with it the controllers; if it hangs, on whose finalizers. */
export async function fluxGone(lab: Lab): Promise<Verdict> {
  const namespace = await lab.kube.get('namespaces', 'flux-system')
  const expected = 'the namespace flux-system is gone'
  if (!namespace) return passed()
  if (!namespace.metadata.deletionTimestamp) {
    return blocked({
      expected,
      found: 'it is there',
      next: 'Delete the objects of Flux, then kubectl delete -f "$LAB_DIR/manifests/flux/install.yaml": the command of this task does both.',
    })
  }
  for (const wanted of [AUTOMATION, SCAN, POLICY, WORKLOADS, NAMESPACES, SOURCE]) {
    const left = await get(lab, wanted)
    const finalizers = left?.metadata['finalizers'] as string[] | undefined
    if (!left?.metadata.deletionTimestamp || !finalizers?.length) continue
    const trouble = await troubleOf(lab, { resource: DEPLOYMENTS, name: wanted.actor, namespace: 'flux-system' })
    if (!trouble) continue
    return blocked({
      expected,
      found: `${nameOf(wanted)} waits for ${wanted.actor} to finalize it; ${trouble.found}`,
      cause: trouble.cause,
      next: mergePatch(wanted, { metadata: { finalizers: null } }),
    })
  }
  return pending({
    expected,
    found: 'it is being deleted',
    actor: 'Namespace controller',
    on: 'namespace flux-system',
    next: 'See what it waits for: kubectl describe namespace flux-system',
  })
}
