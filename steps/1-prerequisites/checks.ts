import { blocked, check, defineChecks, passed } from '../../lab/step.ts'
import { cause } from '../lib/causes.ts'
import { INSTALL_FLUX } from '../lib/flux.ts'
import { all } from '../lib/objects.ts'
import { controllerRuns } from '../lib/rollout.ts'

const CONTROLLERS = [
  'source-controller',
  'kustomize-controller',
  'image-reflector-controller',
  'image-automation-controller',
]

export default defineChecks({
  tools: [
    check('bash, git, curl and kubectl are there', async (lab) => {
      const missing = []
      for (const tool of ['bash', 'git', 'curl', 'kubectl']) if (!(await lab.tools.version(tool))) missing.push(tool)
      return missing.length === 0
        ? passed()
        : blocked({
            expected: 'bash, git, curl and kubectl can be run',
            found: `${missing.join(' and ')} cannot`,
            cause: cause('tool-missing'),
            next: 'Install what is missing; `gitops-lab doctor` tells how on this system.',
          })
    }),
  ],
  world: [
    check('the cluster answers', async (lab) => {
      const { status } = await lab.kube.raw('/readyz')
      return status === 200
        ? passed()
        : blocked({ expected: 'the cluster answers /readyz', found: `HTTP ${status}`, next: 'gitops-lab sandbox up' })
    }),
    check('GitLab knows you', async (lab) => {
      const user = await lab.gitlab.user()
      return user
        ? passed(user.username)
        : blocked({
            expected: 'GitLab accepts $GITLAB_TOKEN',
            found: 'it does not say who you are',
            cause: cause('token-refused'),
            next: 'Give the lab a valid token with the scope api; `gitops-lab status` tells which GitLab it is for.',
          })
    }),
    check('the registry answers', async (lab) => {
      const answer = await lab.http.get(`http://${lab.env['REGISTRY']}/v2/`)
      return answer && [200, 401].includes(answer.status)
        ? passed()
        : blocked({
            expected: 'the registry answers /v2/',
            found: answer ? `HTTP ${answer.status}` : 'nothing answers',
            next: 'gitops-lab sandbox up',
          })
    }),
  ],
  flux: [
    check('the Flux controllers are available', (lab) =>
      all(...CONTROLLERS.map((name) => () => controllerRuns(lab, name, 'flux-system', INSTALL_FLUX))),
    ),
  ],
})
