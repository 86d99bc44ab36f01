import { blocked, check, defineChecks, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { inStatus } from '../lib/argocd.ts'
import { deployed, imagePushed, tagCommitted, tagOf } from '../lib/delivery.ts'
import { APP, CONFIG, DEPLOYMENTS, IMAGE_UPDATERS, SERVICE } from '../lib/names.ts'
import { all, condition, imageOf, rolledOut } from '../lib/objects.ts'

const updater = { toGit: 'Image Updater', toCluster: 'Argo CD' }

/** The newest commit is an image, its tag is in Git, and the cluster runs it. */
const delivered = (lab: Lab): Promise<Verdict> =>
  all(
    () => imagePushed(lab),
    () => tagCommitted(lab, updater),
    () => deployed(lab, updater),
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
      () => tagCommitted(lab, updater),
    )
    if (chain.kind !== 'passed') return chain
    if (!newest) return deployed(lab, updater)
    if (rolledOut(deployment, 'nodeapp').kind === 'passed') {
      return blocked({ expected, found: 'the newest image runs and is ready', next: 'Push the commit that breaks it.' })
    }
    return pending({
      expected,
      found: 'the rollout has begun',
      actor: 'Deployment controller',
      on: 'deployment nodeapp',
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
  })
}

export default defineChecks({
  install: [
    check('Image Updater is available', async (lab) =>
      rolledOut(
        await lab.kube.get(DEPLOYMENTS, 'argocd-image-updater-controller', 'argocd'),
        'argocd-image-updater-controller',
      ),
    ),
  ],
  credential: [
    check('the Secret has a user and a token', async (lab) => {
      const secret = await lab.kube.get('secrets', `${CONFIG}-write`, 'argocd')
      const expected = `Secret ${CONFIG}-write in argocd, with username and password`
      if (!secret) return blocked({ expected, found: 'there is none', next: 'Run the command of this task.' })
      const missing = ['username', 'password'].filter((key) => !secret['data']?.[key])
      return missing.length === 0
        ? passed()
        : blocked({ expected, found: `it has no ${missing.join(' and no ')}`, next: 'Run the command of this task.' })
    }),
  ],
  'image-updater': [
    check('it has looked at the image', async (lab) => {
      const object = await lab.kube.get(IMAGE_UPDATERS, 'my-nodejs-app', 'argocd')
      const expected = 'ImageUpdater my-nodejs-app manages one image of one Application'
      if (!object) return blocked({ expected, found: 'there is none', next: 'Run the command of this task.' })
      const { status = {} } = object as { status?: Record<string, number> }
      const error = condition(object, 'Error')
      if (error?.status === 'True') {
        return blocked({
          expected,
          found: `${error.reason}: ${error.message}`,
          next: 'kubectl logs deployment/argocd-image-updater-controller --namespace argocd tells the cause.',
        })
      }
      if (status['applicationsMatched'] === 1 && status['imagesManaged'] === 1) return passed()
      if (status['observedGeneration'] === object.metadata.generation && status['lastCheckedAt'] !== undefined) {
        return blocked({
          expected,
          found: `${status['applicationsMatched'] ?? 0} Applications, ${status['imagesManaged'] ?? 0} images`,
          cause: { id: 'no-match', text: 'namePattern or imageName does not match what runs.' },
          next: 'Compare them with status.summary.images of the Application.',
        })
      }
      return pending({ expected, found: 'it has not looked yet', actor: 'Image Updater', on: 'its first check' })
    }),
  ],
  'add-endpoint': [
    check('GET /1 answers', (lab) => answers(lab, '/1', 200, 'Add the endpoint to the app, commit and push.')),
  ],
  'roll-back': [
    check('GET /1 is gone', (lab) => answers(lab, '/1', 404, 'Revert the commit in the app repository, and push.')),
  ],
  break: [check('users are still served', broken)],
  repair: [
    check('the last image serves GET /1', (lab) => answers(lab, '/1', 200, 'Repair the app, commit and push.')),
    check('Argo CD is content', async (lab) =>
      all(
        () => answers(lab, '/1', 200, 'Repair the app, commit and push.'),
        () => inStatus(lab, 'my-nodejs-app', 'Synced', 'Healthy', true),
        () => inStatus(lab, 'my-app-namespaces', 'Synced'),
      ),
    ),
  ],
})
