import { blocked, check, defineChecks, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { deployed, imagePushed, tagCommitted } from '../lib/delivery.ts'
import {
  APP,
  CONFIG,
  DEPLOYMENTS,
  GIT_REPOSITORIES,
  IMAGE_AUTOMATIONS,
  IMAGE_POLICIES,
  IMAGE_REPOSITORIES,
  KUSTOMIZATIONS,
  SERVICE,
} from '../lib/names.ts'
import { all, ready, rolledOut } from '../lib/objects.ts'

const flux = { toGit: 'image-automation-controller', toCluster: 'kustomize-controller' }

const isPublic = async (lab: Lab, name: string): Promise<Verdict> => {
  const project = await lab.gitlab.project(name)
  const expected = `a public project ${name}`
  if (!project) return blocked({ expected, found: 'there is none', next: 'Run the command of this task.' })
  return project.visibility === 'public'
    ? passed(project.webUrl)
    : blocked({
        expected,
        found: `it is ${project.visibility}`,
        cause: { id: 'private-project', text: 'The cluster has no secret to pull images of a private project.' },
        next: `Make ${name} public in its settings.`,
      })
}

const configPushed = async (lab: Lab): Promise<Verdict> => {
  const expected = `${CONFIG} has namespaces/ and workloads/ on main`
  const missing = []
  for (const path of ['namespaces/kustomization.yaml', 'workloads/kustomization.yaml', 'workloads/deployment.yaml']) {
    if ((await lab.gitlab.file(CONFIG, path, 'main')) === undefined) missing.push(path)
  }
  if (missing.length === 0) return passed()
  const branches = await lab.gitlab.branches(CONFIG)
  return blocked({
    expected,
    found: `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not there`,
    cause:
      branches.length > 0 && !branches.includes('main')
        ? { id: 'wrong-branch', text: `The commits are on ${branches.join(', ')}.` }
        : undefined,
    next: 'Commit the files and push them: git push origin HEAD:main',
  })
}

const kustomization = async (lab: Lab, name: string): Promise<Verdict> =>
  ready(await lab.kube.get(KUSTOMIZATIONS, name, 'flux-system'), `Kustomization ${name}`, 'kustomize-controller')

const secondCommit = async (lab: Lab): Promise<Verdict> => {
  const pipelines = await lab.gitlab.pipelines(APP)
  if (pipelines.length > 1) return passed()
  return blocked({
    expected: 'a second commit on main of the app',
    found: 'only the first one is there',
    next: 'Change the app, commit, and push.',
  })
}

export default defineChecks({
  'create-projects': [
    check(`${APP} is there and public`, (lab) => isPublic(lab, APP)),
    check(`${CONFIG} is there and public`, (lab) => isPublic(lab, CONFIG)),
  ],
  'push-app': [check('the image is in the registry', imagePushed)],
  'push-config': [check('the configuration is on main', configPushed)],
  'connect-flux': [
    check('Flux fetches the repository', async (lab) =>
      ready(
        await lab.kube.get(GIT_REPOSITORIES, CONFIG, 'flux-system'),
        `GitRepository ${CONFIG}`,
        'source-controller',
      ),
    ),
    check('Flux applied the namespaces', (lab) => kustomization(lab, 'namespaces')),
    check('Flux applied the workloads', (lab) => kustomization(lab, 'workloads')),
    check('the app answers', async (lab) =>
      all(
        async () => rolledOut(await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'), 'nodeapp'),
        async () => {
          const { status, body } = await lab.kube.raw(`${SERVICE}/listUsers`)
          return status === 200
            ? passed()
            : pending({
                expected: 'GET /listUsers answers 200',
                found: `HTTP ${status}: ${body.slice(0, 120)}`,
                actor: 'kubelet',
                on: 'the pods of nodeapp',
              })
        },
      ),
    ),
  ],
  'image-automation': [
    check('Flux scans the registry', async (lab) =>
      ready(
        await lab.kube.get(IMAGE_REPOSITORIES, 'nodeapp', 'flux-system'),
        'ImageRepository nodeapp',
        'image-reflector-controller',
      ),
    ),
    check('the policy picks a tag', async (lab) =>
      ready(
        await lab.kube.get(IMAGE_POLICIES, 'nodeapp', 'flux-system'),
        'ImagePolicy nodeapp',
        'image-reflector-controller',
      ),
    ),
    check('the automation runs', async (lab) =>
      ready(
        await lab.kube.get(IMAGE_AUTOMATIONS, 'nodeapp', 'flux-system'),
        'ImageUpdateAutomation nodeapp',
        'image-automation-controller',
      ),
    ),
  ],
  'first-commit': [
    check('the second commit is an image', (lab) =>
      all(
        () => secondCommit(lab),
        () => imagePushed(lab),
      ),
    ),
    check('its tag is committed', (lab) =>
      all(
        () => secondCommit(lab),
        () => imagePushed(lab),
        () => tagCommitted(lab, flux),
      ),
    ),
    check('it is deployed', (lab) =>
      all(
        () => secondCommit(lab),
        () => imagePushed(lab),
        () => tagCommitted(lab, flux),
        () => deployed(lab, flux),
      ),
    ),
  ],
})
