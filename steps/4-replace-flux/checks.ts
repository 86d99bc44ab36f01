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
import { application, automated, inStatus, inSync, patch, reads } from '../lib/argocd.ts'
import { samePods, uidsOf } from '../lib/baseline.ts'
import { cause } from '../lib/causes.ts'
import { explainClone } from '../lib/clone.ts'
import { AUTOMATION, NAMESPACES, WORKLOADS } from '../lib/flux.ts'
import { fluxGone, fluxStopped, unlabelled } from '../lib/handover.ts'
import { CONFIG, DEPLOYMENTS } from '../lib/names.ts'
import { all } from '../lib/objects.ts'
import { waitFor } from '../lib/waiting.ts'

const ofConfig = { diagnose: explainClone(CONFIG) }
const APPS = { namespaces: 'my-app-namespaces', workloads: 'my-nodejs-app' }

/** The last finished operation of an Application succeeded, whoever asked for it. */
const synced = async (lab: Lab, name: string): Promise<Verdict> => {
  const right = await reads(lab, name)
  if (right.kind !== 'passed') return right
  const app = await application(lab, name)
  const operation = app?.['status']?.operationState
  const expected = `a sync of Application ${name} has succeeded`
  if (operation?.phase === 'Succeeded') {
    return inStatus(lab, name, { sync: ['Synced'], health: 'Healthy', newest: false })
  }
  if (operation?.phase === 'Running' || app?.['operation']) {
    const found = operation?.message ?? 'it was asked for'
    return waitFor(lab, { expected, found, actor: 'Argo CD', on: `Application argocd/${name}` })
  }
  return blocked({
    expected,
    found: operation ? `${operation.phase}: ${operation.message}` : 'none was asked for',
    cause: operation && cause('sync-failed'),
    next: patch(name, { operation: { sync: { syncStrategy: { hook: {} } } } }),
  })
}

/** A sync of the Deployment alone: what self-heal leaves behind. */
const healed = async (lab: Lab): Promise<Verdict> => {
  const events = await lab.kube.events({ kind: 'Application', name: APPS.workloads, namespace: 'argocd' })
  const heal = events.find((event) => String(event['message']).startsWith('Partial sync operation to'))
  const replicas = (await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'))?.['spec'].replicas
  const expected = 'Argo CD has put a drifted Deployment back to what Git says'
  if (heal && replicas === 2) return passed(String(heal['message']))
  const ready = await all(
    () => fluxStopped(lab, WORKLOADS),
    () => automated(lab, APPS.workloads),
  )
  if (ready.kind !== 'passed') return ready
  if (replicas !== 2) {
    const found = `nodeapp has ${replicas} replicas`
    return waitFor(lab, { expected, found, actor: 'Argo CD', on: `Application argocd/${APPS.workloads}` })
  }
  return blocked({
    expected,
    found: 'nothing has drifted',
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
  const kustomization = (await lab.gitlab.file(CONFIG, 'namespaces/kustomization.yaml', 'main')) ?? ''
  const manifest = await lab.gitlab.file(CONFIG, 'namespaces/demo2.yaml', 'main')
  if (/demo2/.test(kustomization)) {
    const late = await inSync(lab, APPS.namespaces)
    if (late.kind !== 'passed') return late
    return blocked({
      expected,
      found: namespace
        ? 'it was there before, and Argo CD does not track it'
        : 'Git is synced, and has no Namespace demo2',
      next: 'Compare namespaces/ in Git with what is wanted: a Namespace called demo2, listed in kustomization.yaml.',
    })
  }
  return blocked({
    expected,
    found: manifest
      ? 'demo2.yaml is in Git, but kustomization.yaml does not list it'
      : namespace
        ? 'it was made by hand'
        : 'it is not in Git',
    next: 'Add demo2.yaml to namespaces/ and to its kustomization.yaml, commit and push: git push origin HEAD:main',
  })
}

const namespacePruned = async (lab: Lab): Promise<Verdict> => {
  const expected = 'namespace demo2 has left Git, and so the cluster'
  if (!lab.notes.get('demo2')) {
    return blocked({ expected, found: 'it was never there', next: 'Add it through Git first, by the task before.' })
  }
  const kustomization = (await lab.gitlab.file(CONFIG, 'namespaces/kustomization.yaml', 'main')) ?? ''
  if (/demo2/.test(kustomization)) {
    return blocked({
      expected,
      found: 'it is still in Git',
      next: 'Revert the commit that added it, and push: git revert --no-edit HEAD && git push origin HEAD:main',
    })
  }
  const namespace = await demo2(lab)
  if (namespace?.metadata.deletionTimestamp) {
    return pending({
      expected,
      found: 'it is being deleted',
      actor: 'Namespace controller',
      on: 'namespace demo2',
      next: 'See what it waits for: kubectl describe namespace demo2',
    })
  }
  const late = await inSync(lab, APPS.namespaces)
  if (late.kind !== 'passed' || !namespace) return late
  return blocked({
    expected,
    found: 'Git is synced, and the namespace is there without being tracked by Argo CD',
    next: 'kubectl delete namespace demo2',
  })
}

const noneLost = async (lab: Lab): Promise<Verdict> => {
  const report = await lab.probe.report()
  const expected = 'no request was lost while Flux was replaced'
  if (!report || report.served === 0) {
    return blocked({
      expected,
      found: 'the probe has not counted yet',
      next: 'Record the baseline: the probe starts with that task.',
    })
  }
  return report.lost === 0
    ? passed(`${report.served} requests served, none lost`)
    : blocked({
        expected,
        found: `${report.lost} of ${report.served + report.lost} were lost: ${report.lastFailure ?? ''}`,
        next: 'Put a snapshot from before back (`gitops-lab snapshots`, `gitops-lab restore NAME`), or begin anew: gitops-lab reset',
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
        next: 'Write it, in $LAB_DIR: the command of this task does.',
      })
    }),
  ],
  'create-applications': [
    check('the Application of the namespaces compares', async (lab) =>
      all(
        () => reads(lab, APPS.namespaces),
        () => compared(lab, APPS.namespaces),
      ),
    ),
    check('the Application of the workloads compares', async (lab) =>
      all(
        () => reads(lab, APPS.workloads),
        () => compared(lab, APPS.workloads),
      ),
    ),
  ],
  'suspend-flux': [
    check('the image automation is suspended', (lab) => fluxStopped(lab, AUTOMATION)),
    check('Kustomization workloads is suspended', (lab) => fluxStopped(lab, WORKLOADS)),
    check('Kustomization namespaces is suspended', (lab) => fluxStopped(lab, NAMESPACES)),
  ],
  sync: [
    check('the namespaces are synced', (lab) =>
      all(
        () => fluxStopped(lab, NAMESPACES),
        () => synced(lab, APPS.namespaces),
      ),
    ),
    check('the workloads are synced', (lab) =>
      all(
        () => fluxStopped(lab, WORKLOADS),
        () => synced(lab, APPS.workloads),
      ),
    ),
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
  'add-namespace': [check('demo2 came through Git', namespaceAdded, ofConfig)],
  'revert-namespace': [check('demo2 was pruned', namespacePruned, ofConfig)],
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

/** Argo CD has looked, and what runs is healthy. */
const compared = (lab: Lab, name: string): Promise<Verdict> =>
  inStatus(lab, name, { sync: ['OutOfSync', 'Synced'], health: 'Healthy', newest: false })
