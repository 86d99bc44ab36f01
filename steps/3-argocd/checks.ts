import { blocked, check, defineChecks, passed, pending } from '../../lab/step.ts'
import { CONFIG, DEPLOYMENTS } from '../lib/names.ts'
import { all, rolledOut } from '../lib/objects.ts'

const DEFINITIONS = ['applications', 'applicationsets', 'appprojects'].map((name) => `${name}.argoproj.io`)
const COMPONENTS = ['argocd-server', 'argocd-repo-server', 'argocd-redis']

export default defineChecks({
  install: [
    check('the three definitions are there', async (lab) => {
      const missing = []
      for (const name of DEFINITIONS) {
        if (!(await lab.kube.get('customresourcedefinitions.apiextensions.k8s.io', name))) missing.push(name)
      }
      if (missing.length === 0) return passed()
      return blocked({
        expected: 'the CustomResourceDefinitions of Argo CD',
        found: `${missing.join(', ')} missing`,
        cause:
          missing.includes('applicationsets.argoproj.io') && missing.length === 1
            ? { id: 'client-side-apply', text: 'A client-side apply cannot create the largest one.' }
            : undefined,
        next: 'Apply the manifest with --server-side --force-conflicts.',
      })
    }),
    check('the controllers are installed in argocd', async (lab) =>
      (await lab.kube.get('statefulsets.apps', 'argocd-application-controller', 'argocd'))
        ? passed()
        : blocked({
            expected: 'statefulset argocd-application-controller in namespace argocd',
            found: 'there is none',
            next: 'Apply the manifest with --namespace argocd.',
          }),
    ),
  ],
  components: [
    check('the application controller is ready', async (lab) => {
      const set = await lab.kube.get('statefulsets.apps', 'argocd-application-controller', 'argocd')
      const expected = 'argocd-application-controller has a ready pod'
      if (!set) return blocked({ expected, found: 'it is not installed', next: 'Install Argo CD.' })
      if (set['spec'].replicas === 0) {
        return blocked({
          expected,
          found: 'it is scaled to zero',
          next: 'kubectl scale statefulset argocd-application-controller --namespace argocd --replicas=1',
        })
      }
      return (set['status']?.readyReplicas ?? 0) > 0
        ? passed()
        : pending({ expected, found: 'its pod is not ready', actor: 'kubelet', on: 'argocd-application-controller-0' })
    }),
    check('server, repo server and Redis are available', (lab) =>
      all(...COMPONENTS.map((name) => async () => rolledOut(await lab.kube.get(DEPLOYMENTS, name, 'argocd'), name))),
    ),
    check('the project default exists', async (lab) =>
      (await lab.kube.get('appprojects.argoproj.io', 'default', 'argocd'))
        ? passed()
        : pending({
            expected: 'AppProject default',
            found: 'there is none yet',
            actor: 'argocd-server',
            on: 'its first start',
          }),
    ),
  ],
  'connect-repository': [
    check('Argo CD knows the configuration repository', async (lab) => {
      const expected = `a Secret with the URL of ${CONFIG}`
      const secrets = await lab.kube.list('secrets', {
        namespace: 'argocd',
        labelSelector: 'argocd.argoproj.io/secret-type=repository',
      })
      const plain = (url: string) => url.replace(/\.git$/, '')
      const wanted = `${lab.env['GITLAB_URL']}/${lab.env['GITLAB_USER']}/${CONFIG}`
      const urls = secrets.map((secret) => Buffer.from(secret['data']?.url ?? '', 'base64').toString())
      if (urls.some((url) => plain(url) === wanted)) return passed()
      const unlabelled = await lab.kube.get('secrets', CONFIG, 'argocd')
      return blocked({
        expected,
        found: urls.length > 0 ? `Argo CD knows ${urls.join(', ')}` : 'no Secret is labelled as a repository',
        cause:
          unlabelled && urls.length === 0
            ? { id: 'no-label', text: 'The Secret has no label argocd.argoproj.io/secret-type: repository.' }
            : undefined,
        next: 'Run the command of this task.',
      })
    }),
  ],
})
