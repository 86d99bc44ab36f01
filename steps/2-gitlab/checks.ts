import { blocked, check, defineChecks, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { explainClone } from '../lib/clone.ts'
import { configPushed } from '../lib/config.ts'
import { deployed, tagCommitted } from '../lib/delivery.ts'
import { AUTOMATION, applied, NAMESPACES, POLICY, reconciled, SCAN, SOURCE, WORKLOADS } from '../lib/flux.ts'
import { APP, CONFIG, SERVICE } from '../lib/names.ts'
import { all } from '../lib/objects.ts'
import { imagePushed } from '../lib/pipeline.ts'
import { isPublic } from '../lib/projects.ts'
import { rolledOut } from '../lib/rollout.ts'

const ofApp = { diagnose: explainClone(APP) }
const ofConfig = { diagnose: explainClone(CONFIG) }

const answers = async (lab: Lab): Promise<Verdict> => {
  const { status, body } = await lab.kube.raw(`${SERVICE}/listUsers`)
  return status === 200
    ? passed()
    : pending({
        expected: 'GET /listUsers answers 200',
        found: `HTTP ${status}: ${body.slice(0, 120)}`,
        actor: 'kubelet',
        on: 'the pods of nodeapp',
        next: 'Watch the pods: kubectl get pods --namespace demo',
      })
}

const secondCommit = async (lab: Lab): Promise<Verdict> => {
  const pipelines = await lab.gitlab.pipelines(APP)
  if (pipelines.length > 1) return passed()
  return blocked({
    expected: 'a second commit on main of the app',
    found: 'only the first one is there',
    next: 'Change the app, commit, and push: git push origin HEAD:main',
  })
}

const secondImage = (lab: Lab): Promise<Verdict> =>
  all(
    () => secondCommit(lab),
    () => imagePushed(lab),
  )

const secondTag = (lab: Lab): Promise<Verdict> =>
  all(
    () => secondImage(lab),
    () => tagCommitted(lab, 'Flux'),
  )

const secondDeployed = (lab: Lab): Promise<Verdict> =>
  all(
    () => secondTag(lab),
    () => deployed(lab, 'Flux'),
  )

export default defineChecks({
  'create-projects': [
    check(`${APP} is there and public`, (lab) => isPublic(lab, APP)),
    check(`${CONFIG} is there and public`, (lab) => isPublic(lab, CONFIG)),
  ],
  'push-app': [check('the image is in the registry', imagePushed, ofApp)],
  'push-config': [check('the configuration is on main', configPushed, ofConfig)],
  'connect-flux': [
    check('Flux fetches the repository', (lab) => reconciled(lab, SOURCE), ofConfig),
    check('Flux applied the namespaces', (lab) => applied(lab, NAMESPACES), ofConfig),
    check('Flux applied the workloads', (lab) => applied(lab, WORKLOADS), ofConfig),
    check('the app answers', (lab) =>
      all(
        () => applied(lab, WORKLOADS),
        () => rolledOut(lab, 'nodeapp', 'demo'),
        () => answers(lab),
      ),
    ),
  ],
  'image-automation': [
    check('Flux scans the registry', (lab) => reconciled(lab, SCAN)),
    check('the policy picks a tag', (lab) => reconciled(lab, POLICY)),
    check('the automation runs', (lab) => reconciled(lab, AUTOMATION)),
  ],
  'first-commit': [
    check('the second commit is an image', secondImage, ofApp),
    check('its tag is committed', secondTag, ofApp),
    check('it is deployed', secondDeployed, ofApp),
  ],
})
