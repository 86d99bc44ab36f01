import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { run } from '../../core/run.ts'
import type { AutoCancel, Job, JobWhen } from '../entities.ts'
import { errorsFrom, jobsOf, parseConfiguration, refuseIncludes, refuseJobs, stagesOf } from './configuration.ts'
import { commandOf, environmentOf, jobPath, type LocalRun } from './gitlab-ci-local.ts'

export type PlannedJob = Pick<Job, 'name' | 'stage' | 'when' | 'allow_failure' | 'needs' | 'config'>

/** What a configuration comes to for one commit. */
export type Plan =
  | {
      readonly type: 'jobs'
      readonly stages: readonly string[]
      readonly jobs: readonly PlannedJob[]
      /** `workflow:name` */
      readonly name: string | null
      readonly auto_cancel: AutoCancel
      readonly merged: string
    }
  /** `workflow:rules` wants no pipeline, or no job is left. */
  | { readonly type: 'filtered'; readonly message: string; readonly merged: string }
  | { readonly type: 'invalid'; readonly errors: readonly string[] }

type ListedJob = {
  readonly name: string
  readonly stage: string
  readonly when: JobWhen | 'never'
  readonly allow_failure: PlannedJob['allow_failure'] | { readonly exit_codes: number }
  readonly needs?: readonly { readonly job: string; readonly artifacts?: boolean; readonly optional?: boolean }[]
}

export type PlanRequest = {
  /** A work tree of the commit, or an empty folder; `text` is written there when it is not what the commit holds. */
  readonly checkout: string
  readonly configPath: string
  readonly text: string
  readonly scratch: string
  readonly variables: Readonly<Record<string, string>>
  readonly evaluateChanges: boolean
  readonly unset: readonly string[]
}

/** Configurations that the schema was found to allow; comparing one with it takes longer than all the rest. */
const wellFormed = new Set<string>()

function remember(text: string): void {
  if (wellFormed.size >= 50) wellFormed.clear()
  wellFormed.add(text)
}

/** Works out the jobs of a pipeline: includes, extends and rules are resolved by gitlab-ci-local. */
export async function plan(request: PlanRequest): Promise<Plan> {
  const parsed = parseConfiguration(request.text)
  if ('error' in parsed) return { type: 'invalid', errors: [parsed.error] }
  const refused = refuseIncludes(parsed.value)
  if (refused) return { type: 'invalid', errors: [refused] }

  const file = join(request.checkout, request.configPath)
  for (const name of ['.gitlab-ci-local.yml', '.gitlab-ci-local-env'])
    rmSync(join(request.checkout, name), { force: true })
  const { checkout: cwd, scratch, variables, evaluateChanges, unset } = request
  const asked: LocalRun = { cwd, file, scratch, variables, evaluateChanges, unset }
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  const whole = !parsed.value['include']
  const known = whole && wellFormed.has(request.text)
  const listed = await list(asked, ...(known ? ['--no-json-schema-validation'] : []))
  if (whole && 'jobs' in listed) remember(request.text)
  const expanded = join(scratch, 'state', 'expanded-gitlab-ci.yml')
  const merged = existsSync(expanded) ? readFileSync(expanded, 'utf8') : ''
  const configuration = (parse(merged) ?? parsed.value) as Record<string, unknown>
  const stages = stagesOf(configuration)
  if ('complaint' in listed) return { type: 'invalid', errors: errorsFrom(listed.complaint, stages) }
  const unsupported = refuseJobs(configuration)
  if (unsupported.length > 0) return { type: 'invalid', errors: unsupported }

  const workflow = configuration['workflow'] as Workflow | undefined
  if (workflow?.rules && !(await workflowAllows(asked, configuration))) {
    return { type: 'filtered', message: 'Pipeline filtered out by workflow rules.', merged }
  }
  const jobs = listed.jobs.flatMap((job): PlannedJob[] => {
    const planned = plannedJob(job, configuration)
    return planned ? [planned] : []
  })
  if (jobs.length === 0) {
    const message =
      'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.'
    return { type: 'filtered', message, merged }
  }
  const names = new Set(jobs.flatMap(({ name, config }) => [name, config.base]))
  const missing = jobs.flatMap(({ name, needs }) =>
    (needs ?? [])
      .filter((need) => !need.optional && !names.has(need.job))
      .map(
        (need) =>
          `'${name}' job needs '${need.job}' job, but '${need.job}' does not exist in the pipeline. This might be because of the only, except, or rules keywords.`,
      ),
  )
  if (missing.length > 0) return { type: 'invalid', errors: missing }
  const name = workflow?.name === undefined ? null : expand(String(workflow.name), variables)
  return {
    type: 'jobs',
    stages,
    jobs,
    name,
    auto_cancel: workflow?.auto_cancel?.on_new_commit ?? 'conservative',
    merged,
  }
}

type Workflow = {
  readonly rules?: unknown
  readonly name?: unknown
  readonly auto_cancel?: { readonly on_new_commit?: AutoCancel }
}

const expand = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (_, plain: string, braced: string) => variables[plain ?? braced] ?? '')

async function list(
  asked: LocalRun,
  ...flags: string[]
): Promise<{ readonly jobs: readonly ListedJob[] } | { readonly complaint: string }> {
  const [program, ...args] = commandOf(asked, ...flags, '--list-json')
  const result = await run(program as string, args, { cwd: asked.cwd, env: environmentOf(asked, jobPath()) })
  if (result.code !== 0) return { complaint: result.stderr }
  // Warnings come first, on the same stream.
  return { jobs: JSON.parse(result.stdout.slice(result.stdout.search(/^\[\]?$/m))) }
}

/** Asks for a configuration with one job that has the rules of the workflow. */
async function workflowAllows(asked: LocalRun, configuration: Record<string, unknown>): Promise<boolean> {
  const { workflow, variables } = configuration as { workflow: { rules: unknown }; variables?: unknown }
  const file = join(asked.scratch, 'workflow.json')
  writeFileSync(file, JSON.stringify({ variables, probe: { script: ['true'], rules: workflow.rules } }))
  const answer = await list({ ...asked, file, scratch: join(asked.scratch, 'workflow') })
  return 'jobs' in answer && answer.jobs.some(({ when }) => when !== 'never')
}

function plannedJob(job: ListedJob, configuration: Record<string, unknown>): PlannedJob | undefined {
  const jobs = jobsOf(configuration)
  const [base, keywords] =
    jobs.find(([name]) => name === job.name) ?? jobs.find(([name]) => job.name.startsWith(`${name}: [`)) ?? []
  if (!base || !keywords || job.when === 'never') return undefined
  const inherited = inheritedKeywords(configuration, keywords)
  const manual = job.when === 'manual' && keywords['rules'] === undefined && keywords['allow_failure'] === undefined
  const allowed = job.allow_failure
  return {
    name: gitlabName(job.name, base),
    stage: job.stage,
    when: job.when,
    allow_failure: typeof allowed === 'boolean' ? manual || allowed : { exit_codes: [allowed.exit_codes].flat() },
    needs:
      job.needs?.map((need) => ({
        job: need.job,
        artifacts: need.artifacts ?? true,
        optional: need.optional ?? false,
      })) ?? null,
    config: {
      base,
      local_name: job.name,
      keywords: { ...inherited, ...keywords },
      variables: (configuration['variables'] ?? {}) as Record<string, unknown>,
    },
  }
}

/** Defaults that gitlab-ci-local does not hand down because it has no use for them. */
function inheritedKeywords(configuration: Record<string, unknown>, keywords: Readonly<Record<string, unknown>>) {
  const defaults = (configuration['default'] ?? {}) as Record<string, unknown>
  const wanted = (keywords['inherit'] as { default?: boolean | string[] } | undefined)?.default ?? true
  const inherits = (name: string) => (Array.isArray(wanted) ? wanted.includes(name) : wanted)
  return Object.fromEntries(
    ['retry', 'timeout', 'interruptible'].flatMap((name) =>
      name in defaults && inherits(name) ? [[name, defaults[name]]] : [],
    ),
  )
}

/** `test: [1/3]` is `test 1/3` with GitLab, and `test: [a,b]` is `test: [a, b]`. */
function gitlabName(name: string, base: string): string {
  if (name === base) return name
  const inner = name.slice(base.length + 3, -1)
  return /^\d+\/\d+$/.test(inner) ? `${base} ${inner}` : `${base}: [${inner.split(',').join(', ')}]`
}
