import type { Job, JobStatus, PipelineStatus } from '../entities.ts'

type Counted = Pick<Job, 'status' | 'allow_failure' | 'exit_code'>

const FINISHED: readonly string[] = ['success', 'failed', 'canceled', 'skipped']

export const isFinished = (status: PipelineStatus): boolean => FINISHED.includes(status)

/** What a job has while nothing of it has run. */
export const NOT_STARTED = {
  failure_reason: null,
  exit_code: null,
  retried: false,
  scheduled_at: null,
  queued_at: null,
  started_at: null,
  finished_at: null,
  coverage: null,
  artifacts: [],
  dotenv: {},
} as const satisfies Partial<Job>

/** Whether a job's failure is one that it may have. */
export const mayFail = (job: Counted): boolean =>
  typeof job.allow_failure === 'boolean'
    ? job.allow_failure
    : job.exit_code !== null && job.allow_failure.exit_codes.includes(job.exit_code)

type Counts = JobStatus | 'passed_with_warnings' | 'ignored'

function countAs(job: Counted): Counts {
  if (mayFail(job) && job.status === 'failed') return 'passed_with_warnings'
  if (mayFail(job) && (job.status === 'manual' || job.status === 'canceled')) return 'ignored'
  return job.status
}

/** The status of a group of jobs (a pipeline, or all that a job waits for), by GitLab's order of rules. */
export function statusOf(jobs: readonly Counted[]): PipelineStatus | undefined {
  const present = new Set(jobs.map(countAs))
  const any = (...statuses: Counts[]) => statuses.some((status) => present.has(status))
  const only = (...statuses: Counts[]) => [...present].every((status) => statuses.includes(status)) && any(...statuses)
  const harmless = ['passed_with_warnings', 'ignored'] as const

  if (present.size === 0) return undefined
  if (only('skipped', 'ignored')) return 'skipped'
  if (only('success', 'skipped', ...harmless)) return 'success'
  if (only('created', ...harmless)) return 'created'
  if (only('canceled', 'success', 'skipped', ...harmless)) return 'canceled'
  if (only('pending', 'created', 'skipped', ...harmless)) return 'pending'
  if (any('running', 'pending')) return 'running'
  if (any('manual')) return 'manual'
  if (any('scheduled')) return 'scheduled'
  if (any('created')) return 'running'
  return 'failed'
}
