import { blocked, type GitlabPipeline, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { APP, CONFIG, DEPLOYMENTS, KUSTOMIZATIONS } from './names.ts'
import { condition, imageOf, rolledOut } from './objects.ts'

/** The tag that a pipeline of the app gives its image. */
export const tagOf = (pipeline: GitlabPipeline): string => `1.0.${pipeline.iid}`

/** The `newTag` of the configuration repository's main branch. */
export async function tagInGit(lab: Lab): Promise<string | undefined> {
  const text = await lab.gitlab.file(CONFIG, 'workloads/kustomization.yaml', 'main')
  return /^\s*newTag:\s*"?([^"\s#]+)/m.exec(text ?? '')?.[1]
}

/** Whether the newest commit of the app has become an image, and if not, where it stands. */
export async function imagePushed(lab: Lab): Promise<Verdict> {
  const expected = `the last commit of ${APP} is an image in the registry`
  const project = await lab.gitlab.project(APP)
  if (!project) {
    return blocked({ expected, found: `there is no project ${APP}`, next: `Create the project ${APP}.` })
  }
  const [commit] = await lab.gitlab.commits(APP, 'main')
  if (!commit) return notPushed(lab, expected)
  const pipeline = (await lab.gitlab.pipelines(APP)).find((candidate) => candidate.sha === commit.sha)
  if (!pipeline && lab.clock.now() - Date.parse(commit.createdAt) < 15_000) {
    return pending({
      expected,
      found: `commit ${commit.sha.slice(0, 8)} has no pipeline yet`,
      actor: 'GitLab CI',
      on: `commit ${commit.sha.slice(0, 8)} of ${APP}`,
    })
  }
  if (!pipeline) {
    return blocked({
      expected,
      found: `commit ${commit.sha.slice(0, 8)} has no pipeline`,
      cause: { id: 'no-pipeline', text: 'A pipeline needs a .gitlab-ci.yml in the commit that is pushed.' },
      next: 'Commit .gitlab-ci.yml and push.',
    })
  }
  if (['failed', 'canceled', 'skipped'].includes(pipeline.status)) return pipelineFailed(lab, expected, pipeline)
  if (pipeline.status !== 'success') {
    return pending({
      expected,
      found: `pipeline #${pipeline.iid} is ${pipeline.status}`,
      actor: 'GitLab CI',
      on: `pipeline #${pipeline.iid} of ${APP}`,
    })
  }
  const tags = await lab.registry.tags(APP)
  if (!tags.includes(tagOf(pipeline))) {
    return blocked({
      expected,
      found: `pipeline #${pipeline.iid} succeeded, but the registry has ${tags.join(', ') || 'no tags'}`,
      cause: { id: 'other-image-name', text: 'The image was pushed under another name or tag.' },
      next: 'Push to $CI_REGISTRY_IMAGE:1.0.$CI_PIPELINE_IID in .gitlab-ci.yml.',
    })
  }
  return passed(`pipeline #${pipeline.iid} pushed ${tagOf(pipeline)}`)
}

async function notPushed(lab: Lab, expected: string): Promise<Verdict> {
  const branches = await lab.gitlab.branches(APP)
  if (branches.length > 0) {
    return blocked({
      expected,
      found: `${APP} has no branch main, but ${branches.join(', ')}`,
      cause: { id: 'wrong-branch', text: 'The commits are on another branch.' },
      next: 'git push origin HEAD:main',
    })
  }
  const clone = await lab.git.status(APP)
  const cause =
    clone?.head === null
      ? { id: 'nothing-committed', text: 'Nothing is committed in your clone.' }
      : clone
        ? { id: 'not-pushed', text: 'The commit is in your clone only.' }
        : undefined
  return blocked({
    expected,
    found: `${APP} has no commit on main`,
    cause,
    next: cause?.id === 'not-pushed' ? 'git push origin HEAD:main' : 'Commit the app and push it to main.',
  })
}

async function pipelineFailed(lab: Lab, expected: string, pipeline: GitlabPipeline): Promise<Verdict> {
  const failed = (await lab.gitlab.jobs(APP, pipeline.id)).find((job) => job.status === 'failed')
  const where = failed ? `job ${failed.name} failed` : (pipeline.yamlErrors ?? `it is ${pipeline.status}`)
  return blocked({
    expected,
    found: `pipeline #${pipeline.iid}: ${where}`,
    cause: pipeline.yamlErrors
      ? { id: 'ci-yaml', text: 'GitLab cannot read .gitlab-ci.yml.' }
      : failed && { id: `job-${failed.name}`, text: `The log of ${failed.name} tells why.` },
    next: `Read ${pipeline.webUrl}, mend it, commit and push.`,
  })
}

/** Who brings a tag from the registry into Git, and who from Git into the cluster. */
export type Carriers = { readonly toGit: string; readonly toCluster: string }

/** Whether the configuration repository names the newest image of the app. */
export async function tagCommitted(lab: Lab, carriers: Carriers): Promise<Verdict> {
  const [pipeline] = await lab.gitlab.pipelines(APP)
  const wanted = pipeline ? tagOf(pipeline) : '1.0.1'
  const found = await tagInGit(lab)
  if (found === wanted) return passed(`${CONFIG} says ${found}`)
  return pending({
    expected: `${CONFIG} says newTag: ${wanted}`,
    found: `it says ${found ?? 'nothing'}`,
    actor: carriers.toGit,
    on: `the tag in ${CONFIG}`,
  })
}

/** Whether the cluster runs what the configuration repository names. */
export async function deployed(lab: Lab, carriers: Carriers): Promise<Verdict> {
  const wanted = await tagInGit(lab)
  const deployment = await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo')
  const image = imageOf(deployment)
  if (!image.endsWith(`:${wanted}`)) {
    return pending({
      expected: `deployment nodeapp runs ${wanted}`,
      found: image ? `it runs ${image.slice(image.lastIndexOf(':') + 1)}${await sayOfFlux(lab)}` : 'it does not exist',
      actor: carriers.toCluster,
      on: `the commit that says ${wanted}`,
    })
  }
  return rolledOut(deployment, 'nodeapp')
}

/** Why Flux has not applied it yet, where it says so. */
async function sayOfFlux(lab: Lab): Promise<string> {
  const workloads = await lab.kube.get(KUSTOMIZATIONS, 'workloads', 'flux-system')
  const ready = condition(workloads, 'Ready')
  return ready && ready.status !== 'True' ? `; Kustomization workloads: ${ready.reason}` : ''
}
