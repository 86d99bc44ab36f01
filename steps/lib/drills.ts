import { blocked, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { byUpdater, tagInGit } from './delivery.ts'
import { APP, APPLICATIONS, CONFIG, DEPLOYMENTS, IMAGE_UPDATERS, SERVICE } from './names.ts'
import { type Condition, rolloutOf } from './objects.ts'
import { tagOf } from './pipeline.ts'
import { podTrouble } from './pods.ts'
import { podsOf } from './waiting.ts'

/** What every blocked verdict of a drill says to do: a drill tells what can be seen, never why. */
const FIND_OUT = 'Find out why; `gitops-lab drill --hint` reveals a hint.'

export const unsolved = (expected: string, found: string): Verdict => blocked({ expected, found, next: FIND_OUT })

const seconds = (time: string | null | undefined): number => Math.floor(Date.parse(time ?? '') / 1000)

/** Whether a Deployment runs as it says, with every replica available and none left over. */
export async function rollsOut(lab: Lab, name: string, namespace: string): Promise<Verdict> {
  const deployment = await lab.kube.get(DEPLOYMENTS, name, namespace)
  const expected = `every pod of ${name} is new and available`
  if (!deployment) return unsolved(expected, `there is no Deployment ${name} in ${namespace}`)
  const { state, found } = rolloutOf(deployment)
  if (state === 'done') return passed(found)
  const stuck = podTrouble(await podsOf(lab, deployment))
  if (stuck) return unsolved(expected, `${found}; pod ${stuck.pod} waits`)
  if (state === 'failed') return unsolved(expected, found)
  return pending({ expected, found, actor: 'Deployment controller', on: `Deployment ${name}` })
}

/** Whether the app answers its users. */
export async function answers(lab: Lab): Promise<Verdict> {
  const { status } = await lab.kube.raw(`${SERVICE}/listUsers`)
  const expected = 'GET /listUsers answers 200'
  return status === 200 ? passed(expected) : unsolved(expected, `it answers ${status}`)
}

/** Whether an Application is Synced and Healthy, at the newest commit of the configuration repository. */
export async function content(lab: Lab, name = 'my-nodejs-app'): Promise<Verdict> {
  const app = await lab.kube.get(APPLICATIONS, name, 'argocd')
  const [commit] = await lab.gitlab.commits(CONFIG, 'main')
  const expected = `Application ${name} is Synced and Healthy at the newest commit of ${CONFIG}`
  if (!app || !commit) return unsolved(expected, app ? 'there is no commit' : 'there is no such Application')
  const { sync, health, conditions = [] } = app['status'] ?? {}
  const here = sync?.revision === commit.sha
  const found = `${sync?.status ?? 'no status'}, ${health?.status ?? 'no health'}${here ? '' : `, and not at ${commit.sha.slice(0, 8)}`}`
  if (here && sync?.status === 'Synced' && health?.status === 'Healthy') return passed(found)
  const wrong = (conditions as Condition[]).some(({ type }) => type.endsWith('Error') || type.endsWith('Warning'))
  // Both in whole seconds.
  const looked = seconds(app['status']?.reconciledAt) > seconds(commit.createdAt)
  if (looked && (wrong || health?.status === 'Degraded')) return unsolved(expected, found)
  return pending({ expected, found, actor: 'Argo CD', on: `Application argocd/${name}` })
}

/** The tag of the newest image of the app, when its pipeline has ended, and when that was. */
async function newestImage(lab: Lab): Promise<{ tag: string; at: number } | Verdict> {
  const [pipeline] = await lab.gitlab.pipelines(APP)
  const expected = `the newest pipeline of ${APP} pushed an image`
  if (!pipeline) return unsolved(expected, 'there is no pipeline')
  if (pipeline.status === 'success') return { tag: tagOf(pipeline), at: seconds(pipeline.finishedAt) }
  const found = `pipeline #${pipeline.iid} is ${pipeline.status}`
  return ['failed', 'canceled', 'skipped'].includes(pipeline.status)
    ? unsolved(expected, found)
    : pending({ expected, found, actor: 'GitLab CI', on: `pipeline #${pipeline.iid} of ${APP}` })
}

/** Whether the newest image has come into Git by Image Updater: it did, it has still to look, or it looked in vain. */
export async function writtenByUpdater(lab: Lab): Promise<Verdict> {
  const newest = await newestImage(lab)
  if ('kind' in newest) return newest
  const expected = `Image Updater has committed the newest image, ${newest.tag}, to ${CONFIG}`
  const commits = await lab.gitlab.commits(CONFIG, 'main')
  const its = byUpdater(commits, newest.tag)
  if (its) return passed(`commit ${its.sha.slice(0, 8)}`)
  const updater = await lab.kube.get(IMAGE_UPDATERS, 'my-nodejs-app', 'argocd')
  // Kubernetes tells times in seconds, GitLab in milliseconds.
  const looked = seconds(updater?.['status']?.lastCheckedAt)
  const current = updater?.['status']?.observedGeneration === updater?.metadata.generation
  const said = commits[0] ? `the newest commit is "${commits[0].title}"` : 'there is no commit'
  if (updater && (Number.isNaN(looked) || looked <= newest.at || !current)) {
    return pending({ expected, found: said, actor: 'Image Updater', on: `image ${newest.tag}` })
  }
  return unsolved(expected, `it has looked since the image was pushed, and ${said}`)
}

/** Whether the cluster runs the newest image. */
export async function runsNewest(lab: Lab): Promise<Verdict> {
  const newest = await newestImage(lab)
  if ('kind' in newest) return newest
  const deployment = await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo')
  const image: string = deployment?.['spec'].template.spec.containers[0].image ?? 'nothing'
  const expected = `nodeapp runs the newest image, ${newest.tag}`
  if (image.endsWith(`:${newest.tag}`)) return rollsOut(lab, 'nodeapp', 'demo')
  const actor = (await tagInGit(lab)) === newest.tag ? 'Argo CD' : 'Image Updater'
  return pending({ expected, found: `it runs ${image.split('/').at(-1)}`, actor, on: `image ${newest.tag}` })
}
