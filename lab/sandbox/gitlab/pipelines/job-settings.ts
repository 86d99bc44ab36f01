import type { Job } from '../entities.ts'
import type { ArtifactRules } from './artifacts.ts'
import { parseDuration } from './durations.ts'
import { PREAMBLE } from './job-output.ts'

/** One hour, GitLab's default for a project. */
const DEFAULT_TIMEOUT = 3_600_000

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const strings = (value: unknown): string[] =>
  value === undefined || value === null ? [] : [value].flat(10).map((each) => String(each))

const nameOf = (value: unknown): string => (isMapping(value) ? String(value['name']) : String(value))

/** The value of a variable that the configuration sets for a job, or for all. */
export function configuredVariable(job: Pick<Job, 'config'>, name: string): string | undefined {
  const own = job.config.keywords['variables']
  const value = (isMapping(own) ? own[name] : undefined) ?? job.config.variables[name]
  if (value === undefined || value === null) return undefined
  return isMapping(value) ? String(value['value']) : String(value)
}

export const imageOf = (job: Pick<Job, 'config'>): string | undefined => {
  const image = job.config.keywords['image']
  return image ? nameOf(image) : undefined
}

/** Service containers of a job: Docker's own daemon, which nobody needs here, and the ones that cannot be started. */
export function servicesOf(job: Pick<Job, 'config'>): {
  readonly docker: readonly string[]
  readonly other: readonly string[]
} {
  const services = [job.config.keywords['services'] ?? []].flat().map(nameOf)
  const isDocker = (name: string) => /^(.*\/)?docker(:\S*)?$/.test(name)
  return { docker: services.filter(isDocker), other: services.filter((name) => !isDocker(name)) }
}

export const timeoutOf = (job: Pick<Job, 'config'>): number => {
  const timeout = job.config.keywords['timeout']
  return (timeout === undefined ? undefined : parseDuration(String(timeout))) ?? DEFAULT_TIMEOUT
}

/** How long a delayed job waits, in milliseconds; its rules may say so instead of the job. */
export const delayOf = (job: Pick<Job, 'config'>): number => {
  const wanted =
    job.config.keywords['start_in'] ?? rulesOf(job).find((rule) => rule['when'] === 'delayed')?.['start_in']
  return parseDuration(String(wanted)) ?? 0
}

export const isInterruptible = (job: Pick<Job, 'config'>): boolean => job.config.keywords['interruptible'] === true

/** How often a job may start again by itself, and after what: GitLab's names of failures, or `always`. */
export function retryOf(job: Pick<Job, 'config'>): { readonly max: number; readonly when: readonly string[] } {
  const retry = job.config.keywords['retry']
  if (isMapping(retry)) return { max: Number(retry['max'] ?? 0), when: strings(retry['when'] ?? 'always') }
  return { max: Number(retry ?? 0), when: ['always'] }
}

export const resourceGroupOf = (job: Pick<Job, 'config'>): string | undefined => {
  const group = job.config.keywords['resource_group']
  return group === undefined ? undefined : String(group)
}

export const environmentNameOf = (job: Pick<Job, 'config'>): string | undefined => {
  const environment = job.config.keywords['environment']
  return environment ? nameOf(environment) : undefined
}

export type ArtifactSettings = {
  readonly rules: ArtifactRules
  readonly when: 'on_success' | 'on_failure' | 'always'
  readonly dotenv: readonly string[]
  readonly name: string | undefined
}

export function artifactsOf(job: Pick<Job, 'config'>): ArtifactSettings | undefined {
  const artifacts = job.config.keywords['artifacts']
  if (!isMapping(artifacts)) return undefined
  const reports = artifacts['reports']
  return {
    rules: {
      paths: strings(artifacts['paths']),
      exclude: strings(artifacts['exclude']),
      untracked: artifacts['untracked'] === true,
    },
    when: (artifacts['when'] as ArtifactSettings['when'] | undefined) ?? 'on_success',
    dotenv: isMapping(reports) ? strings(reports['dotenv']) : [],
    name: artifacts['name'] === undefined ? undefined : String(artifacts['name']),
  }
}

/** The names of jobs whose artifacts a job asks for; undefined means all that came before. */
export function artifactSourcesOf(job: Pick<Job, 'config' | 'needs'>): readonly string[] | undefined {
  const dependencies = job.config.keywords['dependencies']
  if (Array.isArray(dependencies)) return strings(dependencies)
  return job.needs?.filter((need) => need.artifacts).map((need) => need.job)
}

/** `coverage: /regular expression/` */
export function coverageOf(job: Pick<Job, 'config'>): RegExp | undefined {
  const [, source] = /^\/(.*)\/$/s.exec(String(job.config.keywords['coverage'] ?? '')) ?? []
  try {
    return source === undefined ? undefined : new RegExp(source, 'g')
  } catch {
    return undefined
  }
}

export const usesCache = (job: Pick<Job, 'config'>): boolean => [job.config.keywords['cache'] ?? []].flat().length > 0

type Rule = Record<string, unknown>

/** Whether the files of the commit decide about the job, so that they must be there when its rules are asked again. */
export const rulesReadFiles = (job: Pick<Job, 'config'>): boolean =>
  rulesOf(job).some((rule) => 'exists' in rule || 'changes' in rule)

const rulesOf = (job: Pick<Job, 'config'>): Rule[] => {
  const rules = job.config.keywords['rules']
  return Array.isArray(rules) ? rules.filter(isMapping) : []
}

/** Keywords that gitlab-ci-local is to see when it runs a job; when and with what a job runs is decided before. */
const RUN_KEYWORDS = ['stage', 'variables', 'environment', 'inherit', 'parallel'] as const

/** A configuration with one job alone, ready to run as it stands. */
export function configurationFor(job: Pick<Job, 'config' | 'stage'>): Record<string, unknown> {
  const { keywords, base, variables } = job.config
  const kept = Object.fromEntries(RUN_KEYWORDS.flatMap((key) => (key in keywords ? [[key, keywords[key]]] : [])))
  const after = strings(keywords['after_script'])
  const rules = rulesOf(job).map(({ if: condition, exists, changes, variables, when }) => ({
    if: condition,
    exists,
    changes,
    variables,
    ...(when === 'never' ? { when } : {}),
  }))
  return {
    stages: [...new Set(['.pre', job.stage, '.post'])],
    variables,
    [base]: {
      ...kept,
      ...(rules.length > 0 ? { rules } : {}),
      before_script: [PREAMBLE, ...strings(keywords['before_script'])],
      script: strings(keywords['script']),
      ...(after.length > 0 ? { after_script: [PREAMBLE, ...after] } : {}),
    },
  }
}
