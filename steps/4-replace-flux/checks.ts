import {
  blocked,
  check,
  defineChecks,
  type KubeObject,
  type Lab,
  passed,
  pending,
  type Verdict,
} from '../../lab/step.ts'
import { application, automated, created, inStatus } from '../lib/argocd.ts'
import { samePods, uidsOf } from '../lib/baseline.ts'
import { CONFIG, DEPLOYMENTS, IMAGE_AUTOMATIONS, KUSTOMIZATIONS } from '../lib/names.ts'
import { all } from '../lib/objects.ts'

const FLUX_LABELS = ['kustomize.toolkit.fluxcd.io/name', 'kustomize.toolkit.fluxcd.io/namespace']
const APPS = { namespaces: 'my-app-namespaces', workloads: 'my-nodejs-app' }

const suspended = async (lab: Lab, resource: string, kind: string, name: string): Promise<Verdict> => {
  const object = await lab.kube.get(resource, name, 'flux-system')
  const expected = `${kind} ${name} is suspended`
  if (!object)
    return blocked({ expected, found: 'it does not exist', next: 'Nothing to suspend: was it deleted too early?' })
  return object['spec'].suspend === true
    ? passed()
    : blocked({
        expected,
        found: 'it is active',
        next: `kubectl patch ${kind.toLowerCase()} ${name} --namespace flux-system --type merge --patch '{"spec":{"suspend":true}}'`,
      })
}

/** The last finished operation of an Application succeeded, whoever asked for it. */
const synced = async (lab: Lab, name: string): Promise<Verdict> => {
  const app = await application(lab, name)
  const operation = app?.['status']?.operationState
  const expected = `a sync of Application ${name} has succeeded`
  if (operation?.phase === 'Succeeded') return inStatus(lab, name, 'Synced')
  if (operation?.phase === 'Running' || app?.['operation']) {
    return pending({
      expected,
      found: operation?.message ?? 'it was asked for',
      actor: 'Argo CD',
      on: `Application argocd/${name}`,
    })
  }
  return blocked({
    expected,
    found: operation ? `${operation.phase}: ${operation.message}` : 'none was asked for yet',
    next: 'Run the command of this task.',
  })
}

/** A sync of the Deployment alone: what self-heal leaves behind. */
const healed = async (lab: Lab): Promise<Verdict> => {
  const events = await lab.kube.events({ kind: 'Application', name: APPS.workloads, namespace: 'argocd' })
  const heal = events.find((event) => String(event['message']).startsWith('Partial sync operation to'))
  const replicas = (await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'))?.['spec'].replicas
  const expected = 'Argo CD has put a drifted Deployment back to what Git says'
  if (heal && replicas === 2) return passed(String(heal['message']))
  if (replicas !== 2) {
    return pending({
      expected,
      found: `nodeapp has ${replicas} replicas`,
      actor: 'Argo CD',
      on: 'self-heal of nodeapp',
    })
  }
  return blocked({
    expected,
    found: 'nothing has drifted yet',
    next: 'kubectl scale deployment nodeapp --namespace demo --replicas=5',
  })
}

const demo2 = (lab: Lab): Promise<KubeObject | undefined> => lab.kube.get('namespaces', 'demo2')

const namespaceAdded = async (lab: Lab): Promise<Verdict> => {
  const expected = 'namespace demo2, made by Argo CD from Git'
  const namespace = await demo2(lab)
  const owned = namespace?.metadata.annotations?.['argocd.argoproj.io/tracking-id']
  if (owned) {
    lab.notes.set('demo2', owned)
    return passed(owned)
  }
  const inGit = /demo2\.yaml/.test((await lab.gitlab.file(CONFIG, 'namespaces/kustomization.yaml', 'main')) ?? '')
  if (inGit) {
    return pending({
      expected,
      found: 'it is in Git, not in the cluster',
      actor: 'Argo CD',
      on: `Application argocd/${APPS.namespaces}`,
    })
  }
  return blocked({
    expected,
    found: namespace ? 'it was made by hand' : 'it is not in Git',
    next: 'Add demo2.yaml to namespaces/ and to its kustomization.yaml, commit and push.',
  })
}

const namespacePruned = async (lab: Lab): Promise<Verdict> => {
  const expected = 'namespace demo2 has left Git, and so the cluster'
  if (!lab.notes.get('demo2')) {
    return blocked({ expected, found: 'it was never there', next: 'Add it through Git first.' })
  }
  if ((await lab.gitlab.file(CONFIG, 'namespaces/demo2.yaml', 'main')) !== undefined) {
    return blocked({ expected, found: 'it is still in Git', next: 'git revert the commit that added it, and push.' })
  }
  if (!(await demo2(lab))) return inStatus(lab, APPS.namespaces, 'Synced', 'Healthy', true)
  return pending({
    expected,
    found: 'it is still in the cluster',
    actor: 'Argo CD',
    on: `Application argocd/${APPS.namespaces}`,
  })
}

const unlabelled = async (lab: Lab): Promise<Verdict> => {
  const objects = [
    await lab.kube.get('namespaces', 'demo'),
    await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'),
    await lab.kube.get('services', 'nodeapp', 'demo'),
  ]
  const marked = objects.filter((object) => FLUX_LABELS.some((label) => label in (object?.metadata.labels ?? {})))
  if (marked.length === 0) return passed()
  return blocked({
    expected: 'no object carries a label of Flux',
    found: marked.map((object) => `${object?.kind} ${object?.metadata.name} does`).join(', '),
    next: 'Run the command of this task.',
  })
}

const fluxGone = async (lab: Lab): Promise<Verdict> => {
  const namespace = await lab.kube.get('namespaces', 'flux-system')
  const expected = 'the namespace flux-system is gone'
  if (!namespace) return passed()
  return namespace.metadata.deletionTimestamp
    ? pending({ expected, found: 'it is being deleted', actor: 'Namespace controller', on: 'flux-system' })
    : blocked({ expected, found: 'it is there', next: 'Run the command of this task.' })
}

const noneLost = async (lab: Lab): Promise<Verdict> => {
  const report = await lab.probe.report()
  const expected = 'no request was lost while Flux was replaced'
  if (!report || report.served === 0) {
    return blocked({
      expected,
      found: 'the probe has not counted yet',
      next: 'Record the baseline: the probe starts there.',
    })
  }
  return report.lost === 0
    ? passed(`${report.served} requests served, none lost`)
    : blocked({
        expected,
        found: `${report.lost} of ${report.served + report.lost} were lost: ${report.lastFailure ?? ''}`,
        next: 'Look at the pods of nodeapp: were they replaced?',
      })
}

export default defineChecks({
  baseline: [
    check('the uids are recorded', async (lab) => {
      const recorded = (await lab.files.read('baseline.txt')) ?? ''
      const uids = await uidsOf(lab)
      const missing = uids.filter((uid) => !recorded.includes(uid))
      if (uids.length > 0 && missing.length === 0) {
        lab.notes.set('baseline', uids)
        return passed(`${uids.length} uids`)
      }
      return blocked({
        expected: 'baseline.txt has the uids of the ReplicaSet and the pods of nodeapp',
        found: recorded ? `${missing.length} of ${uids.length} are not in it` : 'there is no baseline.txt',
        next: 'Run the command of this task.',
      })
    }),
  ],
  'create-applications': [
    check('the Application of the namespaces compares', async (lab) =>
      all(
        () => created(lab, APPS.namespaces, 'namespaces'),
        () => compared(lab, APPS.namespaces),
      ),
    ),
    check('the Application of the workloads compares', async (lab) =>
      all(
        () => created(lab, APPS.workloads, 'workloads'),
        () => compared(lab, APPS.workloads),
      ),
    ),
  ],
  'suspend-flux': [
    check('the image automation is suspended', (lab) =>
      suspended(lab, IMAGE_AUTOMATIONS, 'ImageUpdateAutomation', 'nodeapp'),
    ),
    check('Kustomization workloads is suspended', (lab) =>
      suspended(lab, KUSTOMIZATIONS, 'Kustomization', 'workloads'),
    ),
    check('Kustomization namespaces is suspended', (lab) =>
      suspended(lab, KUSTOMIZATIONS, 'Kustomization', 'namespaces'),
    ),
  ],
  sync: [
    check('the namespaces are synced', (lab) => synced(lab, APPS.namespaces)),
    check('the workloads are synced', (lab) => synced(lab, APPS.workloads)),
    check('not one pod was replaced', (lab) =>
      all(
        () => synced(lab, APPS.workloads),
        () => samePods(lab),
      ),
    ),
  ],
  automate: [
    check('the namespaces sync by themselves', (lab) => automated(lab, APPS.namespaces)),
    check('the workloads sync by themselves', (lab) => automated(lab, APPS.workloads)),
  ],
  drift: [check('the drift was healed', healed)],
  'add-namespace': [check('demo2 came through Git', namespaceAdded)],
  'revert-namespace': [check('demo2 was pruned', namespacePruned)],
  'strip-labels': [check('the labels are gone', unlabelled)],
  'uninstall-flux': [
    check('Flux is gone', fluxGone),
    check('the pods are still the same', (lab) =>
      all(
        () => fluxGone(lab),
        () => samePods(lab),
      ),
    ),
    check('no request was lost', (lab) =>
      all(
        () => fluxGone(lab),
        () => noneLost(lab),
      ),
    ),
  ],
})

/** OutOfSync or Synced: Argo CD has looked, and what runs is healthy. */
async function compared(lab: Lab, name: string): Promise<Verdict> {
  const status = (await application(lab, name))?.['status']?.sync?.status
  return inStatus(lab, name, status === 'Synced' ? 'Synced' : 'OutOfSync')
}
