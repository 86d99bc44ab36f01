import { blocked, check, defineChecks, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { inStatus } from '../lib/argocd.ts'
import { cause } from '../lib/causes.ts'
import { explainClone } from '../lib/clone.ts'
import { deployed, tagCommitted } from '../lib/delivery.ts'
import { APP, CONFIG, DEPLOYMENTS, SERVICE } from '../lib/names.ts'
import { absent, all, condition, imageOf, rolloutOf } from '../lib/objects.ts'
import { imagePushed, tagOf } from '../lib/pipeline.ts'
import { controllerRuns } from '../lib/rollout.ts'
import { INSTALL_UPDATER, updaterLooks } from '../lib/updater.ts'
import { UPDATER } from '../lib/waiting.ts'

const ofApp = { diagnose: explainClone(APP) }

/** The newest commit is an image, its tag is in Git, and the cluster runs it. */
const delivered = (lab: Lab): Promise<Verdict> =>
  all(
    () => imagePushed(lab),
    () => tagCommitted(lab, 'Argo CD'),
    () => deployed(lab, 'Argo CD'),
  )

/** Keeps when the newest commit was pushed and when it was first seen served: the summary tells the difference. */
async function noteTimes(lab: Lab): Promise<void> {
  const [pipeline] = await lab.gitlab.pipelines(APP)
  const pushedAt = Date.parse(pipeline?.createdAt ?? '')
  if (Number.isNaN(pushedAt) || lab.notes.get('pushedAt') === pushedAt) return
  lab.notes.set('pushedAt', pushedAt)
  lab.notes.set('servedAt', lab.clock.now())
}

/** Asks the app through its Service; a difference is explained by the chain first. */
async function answers(lab: Lab, path: string, wanted: number, change: string): Promise<Verdict> {
  const chain = await delivered(lab)
  if (chain.kind !== 'passed') return chain
  const { status } = await lab.kube.raw(`${SERVICE}${path}`)
  if (status === wanted) {
    await noteTimes(lab)
    return chain
  }
  return blocked({
    expected: `GET ${path} answers ${wanted}`,
    found: `the newest commit is deployed and answers ${status}`,
    next: change,
  })
}

/** The broken version: its pod runs and is not ready, and users are still served by the old ones. */
async function broken(lab: Lab): Promise<Verdict> {
  const expected = 'a new pod that does not get ready, while the old ones serve'
  const [pipeline] = await lab.gitlab.pipelines(APP)
  const deployment = await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo')
  const status: Record<string, number> = deployment?.['status'] ?? {}
  const stuck = (status['updatedReplicas'] ?? 0) > 0 && (status['unavailableReplicas'] ?? 0) > 0
  const newest = pipeline && imageOf(deployment).endsWith(`:${tagOf(pipeline)}`)
  if (!newest || !stuck) {
    const chain = await all(
      () => imagePushed(lab),
      () => tagCommitted(lab, 'Argo CD'),
    )
    if (chain.kind !== 'passed') return chain
    if (!newest) return deployed(lab, 'Argo CD')
    if (deployment && rolloutOf(deployment).state === 'done') {
      return blocked({ expected, found: 'the newest image runs and is ready', next: 'Push the commit that breaks it.' })
    }
    return pending({
      expected,
      found: 'the rollout has begun',
      actor: 'Deployment controller',
      on: 'deployment demo/nodeapp',
      next: 'Watch the pods: kubectl get pods --namespace demo',
    })
  }
  const pods = await lab.kube.list('pods', { namespace: 'demo', labelSelector: 'app=nodeapp' })
  const waiting = pods.some(
    (pod) => pod['spec'].containers[0].image === imageOf(deployment) && condition(pod, 'Ready')?.status === 'False',
  )
  const { status: served } = await lab.kube.raw(`${SERVICE}/listUsers`)
  if (waiting && served === 200) {
    return passed(`GET /listUsers answers ${served}, from the old pods`)
  }
  return pending({
    expected,
    found: `GET /listUsers answers ${served}`,
    actor: 'kubelet',
    on: 'the new pod of nodeapp',
    next: 'Watch the pods: kubectl get pods --namespace demo',
  })
}

/** The Secret of the write-back is there, in the right namespace, with both keys. */
async function credential(lab: Lab): Promise<Verdict> {
  const name = `${CONFIG}-write`
  const expected = `Secret ${name} in argocd, with username and password`
  const secret = await lab.kube.get('secrets', name, 'argocd')
  if (!secret) {
    return absent(lab, { resource: 'secrets', kind: 'Secret', name, namespace: 'argocd' }, expected, INSTALL_UPDATER)
  }
  const missing = ['username', 'password'].filter((key) => !secret['data']?.[key])
  if (missing.length === 0) return passed()
  return blocked({
    expected,
    found: `it has no ${missing.join(' and no ')}`,
    cause: cause('secret-missing'),
    next: 'Write it again: the command of this task does.',
  })
}

export default defineChecks({
  install: [check('Image Updater is available', (lab) => controllerRuns(lab, UPDATER, 'argocd', INSTALL_UPDATER))],
  credential: [check('the Secret has a user and a token', credential)],
  'image-updater': [check('it has looked at the image', async (lab) => (await updaterLooks(lab)).verdict)],
  'add-endpoint': [
    check('GET /1 answers', (lab) => answers(lab, '/1', 200, 'Add the endpoint to the app, commit and push.'), ofApp),
  ],
  'roll-back': [
    check(
      'GET /1 is gone',
      (lab) => answers(lab, '/1', 404, 'Revert the commit in the app repository, and push.'),
      ofApp,
    ),
  ],
  break: [check('users are still served', broken, ofApp)],
  repair: [
    check('the last image serves GET /1', (lab) => answers(lab, '/1', 200, 'Repair the app, commit and push.'), ofApp),
    check('Argo CD is content', async (lab) =>
      all(
        () => answers(lab, '/1', 200, 'Repair the app, commit and push.'),
        () => inStatus(lab, 'my-nodejs-app', { sync: ['Synced'], health: 'Healthy', newest: true }),
        () => inStatus(lab, 'my-app-namespaces', { sync: ['Synced'], health: 'Healthy', newest: false }),
      ),
    ),
  ],
})
