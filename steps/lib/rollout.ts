import { blocked, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { type CauseId, cause } from './causes.ts'
import { APP, DEPLOYMENTS } from './names.ts'
import { absent, condition, imageOf, rolloutOf } from './objects.ts'
import { podTrouble } from './pods.ts'
import { podsOf, troubleOf } from './waiting.ts'

/** Whether a controller's Deployment runs, and why not: missing, scaled to zero, crashing. */
export async function controllerRuns(lab: Lab, name: string, namespace: string, install: string): Promise<Verdict> {
  const expected = `deployment ${name} is available`
  const trouble = await troubleOf(lab, { resource: DEPLOYMENTS, name, namespace })
  if (!trouble) return rolledOut(lab, name, namespace)
  const found = await lab.kube.get(DEPLOYMENTS, name, namespace)
  if (found) return blocked({ expected, ...trouble })
  return absent(lab, { resource: DEPLOYMENTS, kind: 'Deployment', name, namespace }, expected, install, install)
}

/** Whether a Deployment has rolled out; if not, what its pods say of it. */
export async function rolledOut(lab: Lab, name: string, namespace: string): Promise<Verdict> {
  const deployment = await lab.kube.get(DEPLOYMENTS, name, namespace)
  const expected = `deployment ${name} is rolled out`
  if (!deployment) {
    return blocked({
      expected,
      found: `there is no deployment ${name} in namespace ${namespace}`,
      next: 'Look at who should have applied it: `gitops-lab check` tells of each.',
    })
  }
  const { state, found } = rolloutOf(deployment)
  if (state === 'done') return passed(found)
  const pods = (await podsOf(lab, deployment)).filter((pod) => pod['spec'].containers[0].image === imageOf(deployment))
  const trouble = podTrouble(pods)
  if (trouble) {
    return blocked({
      expected,
      found: `${found}; ${trouble.found}`,
      cause: cause(trouble.cause),
      next: await repairOf(lab, trouble.cause, trouble.pod, namespace),
    })
  }
  if (state === 'failed') {
    return blocked({
      expected,
      found,
      cause: cause('app-not-ready'),
      next: `See what the new pods say: kubectl describe pods --namespace ${namespace}`,
    })
  }
  const since = Date.parse(condition(deployment, 'Progressing')?.lastUpdateTime ?? '')
  return pending({
    expected,
    found,
    actor: 'Deployment controller',
    on: `deployment ${namespace}/${name}`,
    until: Number.isNaN(since) ? undefined : since + (deployment['spec'].progressDeadlineSeconds ?? 600) * 1000,
    next: `Watch the pods: kubectl get pods --namespace ${namespace}`,
  })
}

async function repairOf(lab: Lab, id: CauseId, pod: string, namespace: string): Promise<string> {
  if (id === 'private-project') return `Make ${APP} public in its settings; the kubelet tries again by itself.`
  if (id === 'app-crashes') {
    const log = (await lab.kube.logs(pod, namespace, { tail: 20 })).trim().split('\n')
    const line = log.find((text) => /error|exception|cannot|not found/i.test(text)) ?? log.at(-1)
    return `Mend the app, commit and push. Its log says: ${line?.trim() || 'nothing'}`
  }
  if (id === 'image-missing')
    return `Name a tag that the registry has, or push that image; see the tags of ${APP} in GitLab.`
  return 'It tries again by itself; look at what the message names.'
}
