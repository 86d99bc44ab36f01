import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { type App, repositoryOf, tracePath } from '../app.ts'
import type { Artifact, Job, Pipeline, Project, User } from '../entities.ts'
import { NO_COMMIT } from '../entities.ts'
import { projectPath } from '../store.ts'
import { checkOutForJob, checkOutToRead } from './checkout.ts'
import { commandOf, environmentOf, jobPath, literal } from './gitlab-ci-local.ts'
import { keepArtifacts, restoreArtifacts } from './job-artifacts.ts'
import { readJobLine } from './job-output.ts'
import { type JobProcess, startJobProcess } from './job-process.ts'
import {
  configurationFor,
  configuredVariable,
  coverageOf,
  environmentNameOf,
  imageOf,
  rulesReadFiles,
  servicesOf,
  timeoutOf,
  usesCache,
} from './job-settings.ts'
import { maskWith, Trace } from './trace.ts'
import { jobVariables, pipelineVariables, projectVariables, valueForJob } from './variables.ts'

/** Tools that a job gets beside what the machine has: a folder for the front of its PATH, and variables. */
export type JobTools = (job: {
  readonly token: string
  /** Full path of the project. */
  readonly project: string
  /** The job's work tree. */
  readonly workspace: string
  /** The job's own environment as far as it is known before it runs, HOME included. */
  readonly environment: Record<string, string>
}) => Promise<{ readonly bin: string; readonly env: Record<string, string>; close(): Promise<void> }>

export type JobRun = {
  readonly job: Job
  readonly pipeline: Pipeline
  readonly project: Project
  readonly user: User
  readonly protectedRef: boolean
  readonly token: string
  readonly startedAt: string
  /** Finished jobs whose artifacts and reports this one gets. */
  readonly sources: readonly Job[]
  /** Aborted with the reason why the run ends early, a failure reason or `canceled`. */
  readonly abort: AbortController
}

export type JobResult = {
  readonly status: 'success' | 'failed'
  readonly failure_reason: string | null
  readonly exit_code: number | null
  readonly coverage: number | null
  readonly artifacts: readonly Artifact[]
  readonly dotenv: Readonly<Record<string, string>>
}

/** Why a job could not be run, as opposed to a script that failed. */
class SystemFailure extends Error {}

/** The folder of one run of a job; nothing of it outlives the run. */
export const buildFolder = (app: Pick<App, 'stateDir'>, job: { readonly id: number }): string =>
  join(app.stateDir, 'builds', String(job.id))

/** Runs a job in a clean checkout and writes its log. Never rejects: what goes wrong is the result. */
export async function runJob(app: App, jobTools: JobTools, run: JobRun): Promise<JobResult> {
  const { job, project } = run
  const folder = buildFolder(app, job)
  const workspace = join(folder, 'work', projectPath(project))
  const seconds = () => Math.floor(app.clock.now() / 1000)
  const stored = app.records.variables.list(({ project_id }) => project_id === project.id)
  const secrets = stored.filter(({ masked }) => masked).map(({ value }) => value)
  const mask = maskWith([run.token, ...secrets])
  const trace = new Trace(tracePath(app, job), mask, seconds)
  let result: JobResult = {
    status: 'failed',
    failure_reason: 'runner_system_failure',
    exit_code: null,
    coverage: null,
    artifacts: [],
    dotenv: {},
  }
  try {
    rmSync(folder, { recursive: true, force: true })
    for (const each of ['home', 'tmp', 'run']) mkdirSync(join(folder, each), { recursive: true, mode: 0o700 })
    mkdirSync(dirname(workspace), { recursive: true, mode: 0o700 })
    describeRunner(trace, job)
    await fetchSources(app, run, workspace, trace)
    const dotenv = restoreArtifacts(app, run.sources, workspace, trace)
    const variables = await variablesOf(app, run, { folder, workspace, dotenv })
    result = await runScript(app, jobTools, run, { folder, workspace, variables, trace })
    result = {
      ...result,
      ...(run.abort.signal.aborted ? {} : await keepArtifacts(app, job, workspace, result.status, trace)),
    }
    trace.begin('cleanup_file_variables', 'Cleaning up project directory and file based variables')
    trace.end()
  } catch (error) {
    if (!run.abort.signal.aborted) {
      trace.end()
      trace.error(`ERROR: Job failed (system failure): ${messageOf(error)}`)
      if (!(error instanceof SystemFailure))
        app.log(`gitlab: job ${job.id} could not be run: ${mask(messageOf(error))}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  trace.end()
  const reason = run.abort.signal.aborted ? String(run.abort.signal.reason) : result.failure_reason
  if (reason === 'canceled') trace.error('ERROR: Job failed: canceled')
  else if (reason === 'job_execution_timeout') {
    trace.error(`ERROR: Job failed: execution took longer than ${timeoutOf(job) / 1000} seconds`)
  } else if (result.status === 'success') trace.note('Job succeeded')
  else if (reason === 'script_failure') trace.error(`ERROR: Job failed: exit code ${result.exit_code}`)
  trace.close()
  return run.abort.signal.aborted ? { ...result, status: 'failed', failure_reason: reason } : result
}

function describeRunner(trace: Trace, job: Job): void {
  trace.line('Running with gitlab-runner, played by gitops-lab with gitlab-ci-local')
  trace.line(`  on ${hostname()}, as the user who started the lab`)
  trace.begin('prepare_executor', 'Preparing the "shell" executor')
  trace.line('Using Shell (bash) executor...')
  const image = imageOf(job)
  if (image) {
    trace.line(`image: ${image} is noted, not pulled: jobs run with this machine's Node.js ${process.version} and git.`)
  }
  const services = servicesOf(job)
  for (const name of services.docker) {
    trace.line(
      `services: ${name} is not started, it is not needed: the job's docker builds and pushes without a daemon.`,
    )
  }
  if (services.other.length > 0) {
    throw new SystemFailure(
      `services: ${services.other.join(', ')} cannot be started, this sandbox runs no containers for jobs`,
    )
  }
  if (usesCache(job))
    trace.line('cache: nothing is kept between jobs here; what the job needs, it must be able to make.')
}

async function fetchSources(app: App, run: JobRun, workspace: string, trace: Trace): Promise<void> {
  const { job, pipeline, project } = run
  trace.begin('get_sources', 'Getting source from Git repository')
  if (configuredVariable(job, 'GIT_STRATEGY') === 'none') {
    trace.note('Skipping Git repository setup')
    mkdirSync(workspace, { recursive: true, mode: 0o700 })
    return
  }
  const depth = Number(configuredVariable(job, 'GIT_DEPTH') ?? 20)
  trace.note(depth > 0 ? `Fetching changes with git depth set to ${depth}...` : 'Fetching changes...')
  await checkOutForJob(repositoryOf(app, project), {
    sha: pipeline.sha,
    folder: workspace,
    url: `${app.url()}/${projectPath(project)}.git`,
    depth,
    ref: pipeline.ref,
    tag: pipeline.tag,
  })
  trace.line('Created fresh repository.')
  trace.note(`Checking out ${pipeline.sha.slice(0, 8)} as detached HEAD (ref is ${pipeline.ref})...`)
}

type Place = { readonly folder: string; readonly workspace: string }

/** All variables of the job, each in the form that gitlab-ci-local takes. */
async function variablesOf(
  app: App,
  run: JobRun,
  place: Place & { readonly dotenv: Readonly<Record<string, string>> },
): Promise<Record<string, string>> {
  const { project, pipeline, job, protectedRef } = run
  const commit = await repositoryOf(app, project).commit(pipeline.sha)
  const stored = app.records.variables.list(({ project_id }) => project_id === project.id)
  const named = environmentNameOf(job)?.replaceAll(/\$\{?CI_COMMIT_REF_SLUG\}?/g, pipeline.ref)
  const given = [...projectVariables(stored, protectedRef, named), ...pipeline.variables]
  const fileOf = (key: string, value: string) => {
    const path = join(place.folder, 'tmp', key)
    writeFileSync(path, value, { mode: 0o600 })
    return literal(path)
  }
  const asValue = (variable: (typeof given)[number]) =>
    variable.variable_type === 'file'
      ? fileOf(variable.key, variable.value)
      : valueForJob({ value: variable.value, raw: 'raw' in variable && variable.raw === true })
  return {
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    ...pipelineVariables({ url: app.url(), project, pipeline, commit, user: run.user, protectedRef }),
    ...jobVariables({ url: app.url(), ...run, workspace: place.workspace }),
    ...Object.fromEntries(Object.entries(place.dotenv).map(([key, value]) => [key, literal(value)])),
    ...Object.fromEntries(given.map((variable) => [variable.key, asValue(variable)])),
    HOME: literal(join(place.folder, 'home')),
    TMPDIR: literal(join(place.folder, 'tmp')),
  }
}

async function runScript(
  app: App,
  jobTools: JobTools,
  run: JobRun,
  place: Place & { readonly variables: Readonly<Record<string, string>>; readonly trace: Trace },
): Promise<JobResult> {
  const { job, pipeline, project } = run
  const { signal } = run.abort
  const { folder, workspace, trace } = place
  const plain = Object.fromEntries(
    Object.entries(place.variables).map(([key, value]) => [key, value.replaceAll('$$', '$')]),
  )
  const tools = await jobTools({ token: run.token, project: projectPath(project), workspace, environment: plain })
  try {
    const scratch = join(folder, 'run')
    const cwd = join(folder, 'read')
    if (rulesReadFiles(job)) await checkOutToRead(repositoryOf(app, project), pipeline.sha, cwd, pipeline.before_sha)
    else mkdirSync(cwd, { mode: 0o700 })
    const file = join(folder, 'run', 'job.json')
    writeFileSync(file, JSON.stringify(configurationFor(job)))
    const extra = Object.fromEntries(Object.entries(tools.env).map(([key, value]) => [key, literal(value)]))
    const local = {
      cwd,
      file,
      scratch,
      variables: { ...place.variables, ...extra },
      evaluateChanges: pipeline.source === 'push' && pipeline.before_sha !== NO_COMMIT,
      unset: notFor(run),
    }
    trace.begin('step_script', 'Executing "step_script" stage of the job script')
    const coverage = coverageOf(job)
    let exitCode: number | undefined
    let covered: number | null = null
    const others: string[] = []
    const onLine = (line: string) => {
      const read = readJobLine(line, job.config.local_name)
      if (read?.type === 'command') trace.command(read.text)
      else if (read?.type === 'output') {
        trace.line(read.text)
        for (const [match] of coverage ? read.text.matchAll(coverage) : []) {
          covered = Number(/\d+(?:\.\d+)?/.exec(match)?.[0] ?? Number.NaN) || covered
        }
      } else if (read?.type === 'after-script') trace.begin('after_script', 'Running after_script')
      else if (read?.type === 'exit') exitCode = read.code
      else if (read?.type === 'other') others.push(read.text)
    }
    const command = commandOf(local, '--no-json-schema-validation', job.config.local_name)
    const env = environmentOf(local, jobPath(tools.bin))
    const code = await supervise(app, run, startJobProcess(command, { cwd, env, onLine }))
    const result = { coverage: covered, artifacts: [], dotenv: {} }
    if (code === 0) return { ...result, status: 'success', failure_reason: null, exit_code: 0 }
    if (exitCode !== undefined) {
      return { ...result, status: 'failed', failure_reason: 'script_failure', exit_code: exitCode }
    }
    if (signal.aborted) return { ...result, status: 'failed', failure_reason: String(signal.reason), exit_code: null }
    throw new SystemFailure(others.slice(-5).join('\n') || `gitlab-ci-local ended with code ${code}`)
  } finally {
    await tools.close()
  }
}

/** Variables that gitlab-ci-local sets although they do not apply to the job. */
const notFor = ({ pipeline, job }: JobRun): readonly string[] => [
  'CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX',
  'CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX',
  'CI_DEPENDENCY_PROXY_SERVER',
  'CI_DEPENDENCY_PROXY_USER',
  'FF_DISABLE_UMASK_FOR_DOCKER_EXECUTOR',
  ...(pipeline.tag ? ['CI_COMMIT_BRANCH'] : []),
  ...(environmentNameOf(job) === undefined
    ? ['NAME', 'SLUG', 'URL', 'TIER', 'ACTION'].map((part) => `CI_ENVIRONMENT_${part}`)
    : []),
]

/** Waits for the end of a process, which an abort or the job's timeout brings about early. */
async function supervise(app: App, { abort, job }: JobRun, child: JobProcess): Promise<number> {
  const timer = app.clock.setTimeout(() => abort.abort('job_execution_timeout'), timeoutOf(job))
  const kill = () => child.kill()
  abort.signal.addEventListener('abort', kill, { once: true })
  if (abort.signal.aborted) kill()
  try {
    return await child.ended
  } finally {
    timer.cancel()
    abort.signal.removeEventListener('abort', kill)
  }
}
