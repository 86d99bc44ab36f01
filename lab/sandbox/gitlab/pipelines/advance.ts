import type { Job, JobStatus, Pipeline } from '../entities.ts'
import { statusOf } from './status.ts'

export type Transition = { readonly job: number; readonly status: JobStatus }

type Waiting = Pick<
  Job,
  'id' | 'name' | 'stage' | 'status' | 'when' | 'needs' | 'allow_failure' | 'exit_code' | 'config'
>

/** The jobs that a job waits for: those it needs, else all of the earlier stages. */
export function predecessors<T extends Waiting>(job: Waiting, jobs: readonly T[], stages: readonly string[]): T[] {
  if (job.needs) {
    const names = job.needs.map((need) => need.job)
    return jobs.filter((other) => names.includes(other.name) || names.includes(other.config.base))
  }
  const stage = stages.indexOf(job.stage)
  return jobs.filter((other) => stages.indexOf(other.stage) < stage)
}

/**
 * What becomes of the jobs of a pipeline that are `created`, from what the others have come to. `jobs` are the
 * current ones, without those that a retry replaced.
 */
export function advance(pipeline: Pick<Pipeline, 'stages'>, jobs: readonly Waiting[]): Transition[] {
  const current = new Map(jobs.map((job) => [job.id, job]))
  const transitions: Transition[] = []
  const order = [...jobs].sort((a, b) => pipeline.stages.indexOf(a.stage) - pipeline.stages.indexOf(b.stage))
  for (let moved = true; moved; ) {
    moved = false
    for (const { id } of order) {
      const job = current.get(id) as Waiting
      if (job.status !== 'created') continue
      const status = nextStatus(job, predecessors(job, [...current.values()], pipeline.stages))
      if (!status) continue
      current.set(id, { ...job, status })
      transitions.push({ job: id, status })
      moved = true
    }
  }
  return transitions
}

const WAITING: readonly string[] = ['created', 'pending', 'running', 'manual', 'scheduled']

function nextStatus(job: Waiting, before: readonly Waiting[]): JobStatus | undefined {
  const status = statusOf(before) ?? 'success'
  // A manual job that may be left out holds nobody up, which its allow_failure says.
  if (WAITING.includes(status)) return undefined
  const strict = job.needs !== null && before.some((other) => other.status === 'skipped' || other.status === 'manual')
  const ok = (status === 'success' || status === 'skipped') && !strict
  switch (job.when) {
    case 'always':
      return 'pending'
    case 'on_failure':
      return before.some((other) => other.status === 'failed') && status === 'failed' ? 'pending' : 'skipped'
    case 'on_success':
      return ok ? 'pending' : 'skipped'
    case 'manual':
      return ok ? 'manual' : 'skipped'
    case 'delayed':
      return ok ? 'scheduled' : 'skipped'
  }
}
