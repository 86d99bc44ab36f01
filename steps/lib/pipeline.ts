import { blocked, type GitlabPipeline, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { meaningOf } from './answers.ts'
import { type CauseId, cause } from './causes.ts'
import { APP } from './names.ts'
import { projectThere } from './projects.ts'

/** The tag that a pipeline of the app gives its image. */
export const tagOf = (pipeline: GitlabPipeline): string => `1.0.${pipeline.iid}`

/** How long GitLab may take to make a pipeline for a commit before something is wrong, in milliseconds. */
const CREATION = 15_000

/** Whether the newest commit of the app has become an image, and if not, where it stands. */
export async function imagePushed(lab: Lab): Promise<Verdict> {
  const expected = `the last commit of ${APP} is an image in the registry`
  const there = await projectThere(lab, APP)
  if (there.kind !== 'passed') return there
  const [commit] = await lab.gitlab.commits(APP, 'main')
  if (!commit) return noCommit(lab, expected)
  const pipelines = await lab.gitlab.pipelines(APP)
  const pipeline = pipelines.find(({ sha }) => sha === commit.sha)
  const short = commit.sha.slice(0, 8)
  const configured = (await lab.gitlab.file(APP, '.gitlab-ci.yml', commit.sha)) !== undefined
  if (!pipeline && configured && lab.clock.now() - Date.parse(commit.createdAt) < CREATION) {
    return pending({
      expected,
      found: `commit ${short} has just come`,
      actor: 'GitLab CI',
      on: `commit ${short} of ${APP}`,
      until: Date.parse(commit.createdAt) + CREATION,
    })
  }
  if (!pipeline) return noPipeline(expected, short, configured)
  if (['failed', 'canceled', 'skipped'].includes(pipeline.status)) return pipelineFailed(lab, expected, pipeline)
  if (pipeline.status !== 'success') return running(lab, expected, pipeline, pipelines)
  const tags = await lab.registry.tags(APP)
  if (tags.includes(tagOf(pipeline))) return passed(`pipeline #${pipeline.iid} pushed ${tagOf(pipeline)}`)
  return blocked({
    expected,
    found: `pipeline #${pipeline.iid} succeeded, but the registry has ${tags.join(', ') || 'no tags'}`,
    cause: cause('other-image-name'),
    next: 'Push to $CI_REGISTRY_IMAGE:1.0.$CI_PIPELINE_IID in .gitlab-ci.yml, commit and push.',
  })
}

async function noCommit(lab: Lab, expected: string): Promise<Verdict> {
  const branches = await lab.gitlab.branches(APP)
  return blocked({
    expected,
    found: branches.length > 0 ? `${APP} has no branch main, but ${branches.join(', ')}` : `${APP} has no commit`,
    cause: branches.length > 0 ? cause('wrong-branch') : undefined,
    next: 'Commit the app and push it to main: git push origin HEAD:main',
  })
}

function noPipeline(expected: string, commit: string, configured: boolean): Verdict {
  return blocked({
    expected,
    found: `commit ${commit} has no pipeline, and ${configured ? 'a' : 'no'} .gitlab-ci.yml`,
    cause: configured ? undefined : cause('no-pipeline'),
    next: configured
      ? 'Push a commit without [skip ci], and look whether CI/CD is on in the settings of the project.'
      : `Commit .gitlab-ci.yml and push: cp "$LAB_DIR/templates/app/.gitlab-ci.yml" "$LAB_DIR/${APP}"`,
  })
}

async function running(
  lab: Lab,
  expected: string,
  pipeline: GitlabPipeline,
  all: readonly GitlabPipeline[],
): Promise<Verdict> {
  const jobs = await lab.gitlab.jobs(APP, pipeline.id)
  const now = jobs.find(({ status }) => status === 'running') ?? jobs.find(({ status }) => status !== 'success')
  const lasted = all.flatMap(({ status, createdAt, finishedAt }) =>
    status === 'success' && finishedAt ? [Date.parse(finishedAt) - Date.parse(createdAt)] : [],
  )
  return pending({
    expected,
    found: `pipeline #${pipeline.iid} is ${pipeline.status}${now ? `, job ${now.name} is ${now.status}` : ''}`,
    cause: cause('pipeline-running'),
    actor: 'GitLab CI',
    on: `pipeline #${pipeline.iid} of ${APP}`,
    until: lasted.length > 0 ? Date.parse(pipeline.createdAt) + Math.max(...lasted) : undefined,
    next: `Watch it: ${pipeline.webUrl}`,
  })
}

/** The stages of the app's own `.gitlab-ci.yml`. */
const STAGES: Readonly<Record<string, CauseId>> = { test: 'tests-failed', containerize: 'image-build-failed' }

async function pipelineFailed(lab: Lab, expected: string, pipeline: GitlabPipeline): Promise<Verdict> {
  const failed = (await lab.gitlab.jobs(APP, pipeline.id)).find(({ status }) => status === 'failed')
  const said = `${pipeline.yamlErrors ?? ''} ${failed?.failureReason ?? ''}`
  const known = meaningOf(said)
  if (known && ['runners-not-verified', 'quota-exceeded'].includes(known.cause)) {
    return blocked({
      expected,
      found: `pipeline #${pipeline.iid}: ${said.trim()}`,
      cause: cause(known.cause),
      next: known.next,
    })
  }
  if (pipeline.yamlErrors) {
    return blocked({
      expected,
      found: `pipeline #${pipeline.iid}: ${pipeline.yamlErrors}`,
      cause: cause('ci-yaml'),
      next: 'Mend .gitlab-ci.yml, commit and push.',
    })
  }
  if (!failed) {
    return blocked({
      expected,
      found: `pipeline #${pipeline.iid} is ${pipeline.status}`,
      next: `Run it again on ${pipeline.webUrl}, or push another commit.`,
    })
  }
  const url = `${pipeline.webUrl.replace(/\/pipelines\/.*/, '')}/jobs/${failed.id}`
  return blocked({
    expected,
    found: `pipeline #${pipeline.iid}: job ${failed.name} of stage ${failed.stage} failed`,
    cause: cause(STAGES[failed.stage] ?? 'job-failed'),
    next: `Read its log, mend what it names, commit and push: ${url}`,
  })
}
