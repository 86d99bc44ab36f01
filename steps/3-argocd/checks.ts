import { blocked, check, defineChecks, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { INSTALL_ARGOCD } from '../lib/argocd.ts'
import { cause } from '../lib/causes.ts'
import { CONFIG } from '../lib/names.ts'
import { absent, all } from '../lib/objects.ts'
import { projectUrl, sameRepository } from '../lib/projects.ts'
import { controllerRuns } from '../lib/rollout.ts'
import { troubleOf } from '../lib/waiting.ts'

const DEFINITIONS = ['applications', 'applicationsets', 'appprojects'].map((name) => `${name}.argoproj.io`)
const COMPONENTS = ['argocd-server', 'argocd-repo-server', 'argocd-redis']
const CONTROLLER = {
  resource: 'statefulsets.apps',
  kind: 'StatefulSet',
  name: 'argocd-application-controller',
  namespace: 'argocd',
}

const definitions = async (lab: Lab): Promise<Verdict> => {
  const resource = 'customresourcedefinitions.apiextensions.k8s.io'
  const there = await Promise.all(DEFINITIONS.map((name) => lab.kube.get(resource, name)))
  const missing = DEFINITIONS.filter((_, at) => there[at] === undefined)
  if (missing.length === 0) return passed()
  const largestAlone = missing.length === 1 && missing[0] === 'applicationsets.argoproj.io'
  return blocked({
    expected: 'the CustomResourceDefinitions of Argo CD',
    found: `${missing.join(', ')} missing`,
    cause: cause(largestAlone ? 'client-side-apply' : 'definition-missing'),
    next: INSTALL_ARGOCD,
  })
}

const controller = async (lab: Lab): Promise<Verdict> => {
  const set = await lab.kube.get(CONTROLLER.resource, CONTROLLER.name, CONTROLLER.namespace)
  const expected = 'argocd-application-controller has a ready pod'
  if (!set) return absent(lab, CONTROLLER, expected, INSTALL_ARGOCD, INSTALL_ARGOCD)
  const trouble = await troubleOf(lab, CONTROLLER)
  if (trouble) return blocked({ expected, ...trouble })
  return (set['status']?.readyReplicas ?? 0) > 0
    ? passed()
    : pending({
        expected,
        found: 'its pod is not ready',
        actor: 'kubelet',
        on: 'pod argocd/argocd-application-controller-0',
        next: 'Watch the pods: kubectl get pods --namespace argocd',
      })
}

const defaultProject = async (lab: Lab): Promise<Verdict> => {
  const server = await controllerRuns(lab, 'argocd-server', 'argocd', INSTALL_ARGOCD)
  if (server.kind !== 'passed') return server
  return (await lab.kube.get('appprojects.argoproj.io', 'default', 'argocd'))
    ? passed()
    : pending({
        expected: 'AppProject default',
        found: 'it is not there; argocd-server makes it when it starts',
        actor: 'argocd-server',
        on: 'its first start',
        next: 'To wait less, run: kubectl rollout restart deployment argocd-server --namespace argocd',
      })
}

const repository = async (lab: Lab): Promise<Verdict> => {
  const expected = `a Secret in namespace argocd, labelled as a repository, with the URL of ${CONFIG}`
  const labelled = await lab.kube.list('secrets', {
    labelSelector: 'argocd.argoproj.io/secret-type in (repository,repo-creds)',
  })
  const wanted = projectUrl(lab, CONFIG)
  const urlOf = (secret: { readonly [field: string]: unknown }) =>
    Buffer.from((secret['data'] as Record<string, string> | undefined)?.['url'] ?? '', 'base64').toString()
  const known = labelled.filter(({ metadata }) => metadata.namespace === 'argocd')
  if (known.some((secret) => sameRepository(urlOf(secret), wanted))) return passed()
  const elsewhere = labelled.find(
    (secret) => secret.metadata.namespace !== 'argocd' && sameRepository(urlOf(secret), wanted),
  )
  if (elsewhere) {
    const { name, namespace } = elsewhere.metadata
    return blocked({
      expected,
      found: `Secret ${name} is in namespace ${namespace}`,
      cause: cause('wrong-namespace'),
      next: `Create it in namespace argocd, and delete the other: kubectl delete secret ${name} --namespace ${namespace}`,
    })
  }
  const unlabelled = (await lab.kube.list('secrets', { namespace: 'argocd' })).find((secret) =>
    sameRepository(urlOf(secret), wanted),
  )
  if (unlabelled) {
    return blocked({
      expected,
      found: `Secret ${unlabelled.metadata.name} has the URL, and no label`,
      cause: cause('no-label'),
      next: `kubectl label secret ${unlabelled.metadata.name} --namespace argocd --overwrite argocd.argoproj.io/secret-type=repository`,
    })
  }
  if (known.length === 0) {
    return blocked({
      expected,
      found: 'there is none',
      next: 'Create it: the command of this task does.',
    })
  }
  return blocked({
    expected,
    found: `Argo CD knows ${known.map(urlOf).join(', ')}`,
    cause: cause('wrong-repo-url'),
    next: `Set its URL: kubectl patch secret ${known[0]?.metadata.name} --namespace argocd --type merge --patch '{"stringData":{"url":"${wanted}.git"}}'`,
  })
}

export default defineChecks({
  install: [
    check('the three definitions are there', definitions),
    check('the controllers are installed in argocd', async (lab) =>
      (await lab.kube.get(CONTROLLER.resource, CONTROLLER.name, CONTROLLER.namespace))
        ? passed()
        : absent(lab, CONTROLLER, `${CONTROLLER.name} in namespace argocd`, INSTALL_ARGOCD, INSTALL_ARGOCD),
    ),
  ],
  components: [
    check('the application controller is ready', controller),
    check('server, repo server and Redis are available', (lab) =>
      all(...COMPONENTS.map((name) => () => controllerRuns(lab, name, 'argocd', INSTALL_ARGOCD))),
    ),
    check('the project default exists', defaultProject),
  ],
  'connect-repository': [check('Argo CD knows the configuration repository', repository)],
})
