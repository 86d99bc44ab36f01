import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Timer } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { type App, artifactsPath, nowOf, tracePath } from '../app.ts'
import type { JobTokens } from '../auth/identity.ts'
import { newToken } from '../auth/tokens.ts'
import { isProtected } from '../branches.ts'
import type { Job, Pipeline } from '../entities.ts'
import { projectPath } from '../store.ts'
import { advance, predecessors } from './advance.ts'
import { buildFolder, type JobTools, runJob } from './job-runner.ts'
import { artifactSourcesOf, delayOf, isInterruptible, resourceGroupOf, retryOf } from './job-settings.ts'
import { isFinished, NOT_STARTED, statusOf } from './status.ts'

export type SchedulerOptions = {
  readonly app: App
  readonly jobTools: JobTools
  readonly jobTokens: JobTokens
  /** Told of every new status. */
  readonly onPipeline: (pipeline: Pipeline) => void
  readonly onJob: (job: Job) => void
}

/** Moves pipelines on: decides which jobs may start, runs them, and takes over what an earlier process left. */
export class Scheduler {
  private readonly running = new Map<number, { readonly abort: AbortController; readonly done: Promise<void> }>()
  private readonly delays = new Map<number, Timer>()
  private readonly limit = Math.max(2, Math.min(4, availableParallelism()))
  private paused = true

  constructor(private readonly options: SchedulerOptions) {}

  /** Takes up all pipelines that are not finished; jobs that ran when the process ended run again. */
  start(): void {
    this.paused = false
    const { records } = this.options.app
    for (const job of records.jobs.list(({ status }) => status === 'running')) {
      rmSync(buildFolder(this.options.app, job), { recursive: true, force: true })
      this.updateJob(job, { status: 'pending', started_at: null })
    }
    for (const job of records.jobs.list(({ status }) => status === 'scheduled')) this.armDelay(job)
    for (const { id, status } of records.pipelines.list()) if (!isFinished(status)) this.process(id)
  }

  /** Ends running jobs so that `start` runs them again, and starts no others. */
  async stop(): Promise<void> {
    this.paused = true
    for (const timer of this.delays.values()) timer.cancel()
    this.delays.clear()
    const running = [...this.running.values()]
    for (const { abort } of running) abort.abort('stopped')
    await Promise.all(running.map(({ done }) => done))
  }

  /** Works out what may happen next in a pipeline and does it. */
  process(id: number): void {
    const { records } = this.options.app
    const pipeline = records.pipelines.get(id)
    if (!pipeline) return
    for (const { job: jobId, status } of advance(pipeline, this.currentJobs(id))) {
      const job = records.jobs.get(jobId) as Job
      const now = nowOf(this.options.app)
      if (status === 'scheduled') {
        const due = new Date(this.options.app.clock.now() + delayOf(job)).toISOString()
        this.armDelay(this.updateJob(job, { status, scheduled_at: due }))
      } else if (status === 'pending') this.updateJob(job, { status, queued_at: now })
      else this.updateJob(job, { status, ...(status === 'skipped' ? { finished_at: now } : {}) })
    }
    this.settle(id)
    this.pump()
  }

  /** Starts a manual or delayed job now. @returns undefined if the job is not waiting for that */
  play(job: Job): Job | undefined {
    if (job.status !== 'manual' && job.status !== 'scheduled') return undefined
    this.delays.get(job.id)?.cancel()
    this.delays.delete(job.id)
    const played = this.updateJob(job, { status: 'pending', queued_at: nowOf(this.options.app), scheduled_at: null })
    this.process(job.pipeline_id)
    return played
  }

  cancel(job: Job): Job {
    if (isFinished(job.status)) return job
    this.delays.get(job.id)?.cancel()
    const canceled = this.updateJob(job, { status: 'canceled', finished_at: nowOf(this.options.app) })
    this.running.get(job.id)?.abort.abort('canceled')
    this.process(job.pipeline_id)
    return canceled
  }

  /** Ends older pipelines of the branch that a new one makes redundant, as far as they say so. */
  supersede(newer: Pipeline): void {
    const { records } = this.options.app
    if (records.projects.get(newer.project_id)?.auto_cancel_pending_pipelines !== 'enabled') return
    const isOlder = (each: Pipeline) =>
      each.project_id === newer.project_id && each.ref === newer.ref && each.id < newer.id
    for (const { id, auto_cancel } of records.pipelines.list(
      (each) => isOlder(each) && !newer.tag && each.sha !== newer.sha && !isFinished(each.status),
    )) {
      const started = this.currentJobs(id).filter(({ started_at }) => started_at !== null)
      if (auto_cancel === 'interruptible') this.cancelPipeline(id, isInterruptible)
      else if (auto_cancel === 'conservative' && started.every(isInterruptible)) this.cancelPipeline(id)
    }
  }

  cancelPipeline(id: number, which: (job: Job) => boolean = () => true): void {
    const open = this.currentJobs(id).filter((job) => !isFinished(job.status) && which(job))
    const now = nowOf(this.options.app)
    for (const job of open) {
      this.delays.get(job.id)?.cancel()
      this.updateJob(job, { status: 'canceled', finished_at: now })
    }
    for (const job of open) this.running.get(job.id)?.abort.abort('canceled')
    this.settle(id)
  }

  /** Runs a finished job again, as a new job; what was skipped after it gets another chance. */
  retry(job: Job, user = job.user_id): Job {
    const again = this.replace(job, { user_id: user, status: 'created', retries: 0 })
    this.reviveSkipped(job.pipeline_id)
    this.reopen(job.pipeline_id)
    this.process(job.pipeline_id)
    return this.options.app.records.jobs.get(again.id) as Job
  }

  retryPipeline(id: number, user: number): void {
    for (const job of this.currentJobs(id)) {
      if (job.status === 'failed' || job.status === 'canceled')
        this.replace(job, { user_id: user, status: 'created', retries: 0 })
    }
    this.reviveSkipped(id)
    this.reopen(id)
    this.process(id)
  }

  /** Removes a pipeline with its jobs, logs and artifacts. */
  async delete(id: number): Promise<void> {
    const { app } = this.options
    this.cancelPipeline(id)
    const jobs = app.records.jobs.list(({ pipeline_id }) => pipeline_id === id)
    await Promise.all(jobs.map((job) => this.running.get(job.id)?.done))
    for (const job of jobs) {
      for (const path of [tracePath(app, job), artifactsPath(app, job)]) rmSync(path, { force: true })
      app.records.jobs.delete(job.id)
    }
    app.records.pipelines.delete(id)
  }

  /** Resolves when nothing runs and nothing is about to. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.race([...this.running.values()].map(({ done }) => done))
  }

  private currentJobs(id: number): Job[] {
    return this.options.app.records.jobs.list((job) => job.pipeline_id === id && !job.retried)
  }

  private updateJob(job: Job, change: Partial<Omit<Job, 'id'>>): Job {
    const next = this.options.app.records.jobs.update(job.id, change) ?? { ...job, ...change }
    if (next.status !== job.status) this.options.onJob(next)
    return next
  }

  private replace(job: Job, change: Partial<Job>): Job {
    const { records } = this.options.app
    records.jobs.update(job.id, { retried: true })
    const { id: _, ...rest } = job
    return records.jobs.insert({
      ...rest,
      ...NOT_STARTED,
      created_at: nowOf(this.options.app),
      ...change,
    })
  }

  private reviveSkipped(pipeline: number): void {
    for (const job of this.currentJobs(pipeline)) {
      if (job.status === 'skipped') this.updateJob(job, { status: 'created', finished_at: null })
    }
  }

  private reopen(id: number): void {
    this.options.app.records.pipelines.update(id, { finished_at: null, status: 'created' })
  }

  /** Brings the pipeline's own status in line with its jobs. */
  private settle(id: number): void {
    const { records } = this.options.app
    const pipeline = records.pipelines.get(id)
    const jobs = this.currentJobs(id)
    const status = statusOf(jobs)
    if (!pipeline || !status) return
    const started = jobs.flatMap(({ started_at }) => started_at ?? []).sort()[0] ?? null
    const finished = isFinished(status) ? (pipeline.finished_at ?? nowOf(this.options.app)) : null
    if (status === pipeline.status && finished === pipeline.finished_at) return
    const next = records.pipelines.update(id, {
      status,
      updated_at: nowOf(this.options.app),
      started_at: pipeline.started_at ?? started,
      finished_at: finished,
    })
    if (next && status !== pipeline.status) this.options.onPipeline(next)
  }

  private armDelay(job: Job): void {
    const { app } = this.options
    const project = app.records.projects.get(job.project_id)
    const wait = Date.parse(job.scheduled_at ?? nowOf(app)) - app.clock.now()
    const label = {
      actor: 'GitLab',
      subject: `job ${job.name}`,
      action: `start (${project ? projectPath(project) : 'delayed'})`,
    }
    const start = () => {
      const current = app.records.jobs.get(job.id)
      if (current) this.play(current)
    }
    this.delays.set(job.id, app.clock.setTimeout(start, wait, label))
  }

  /** Starts pending jobs, the oldest first, as long as there is room. */
  private pump(): void {
    const { records } = this.options.app
    if (this.paused) return
    for (const job of records.jobs.list(({ status }) => status === 'pending')) {
      if (this.running.size >= this.limit) return
      if (!this.running.has(job.id) && !this.isGroupBusy(job)) this.launch(job)
    }
  }

  private isGroupBusy(job: Job): boolean {
    const group = resourceGroupOf(job)
    if (group === undefined) return false
    return this.options.app.records.jobs
      .list((other) => other.status === 'running' && other.project_id === job.project_id)
      .some((other) => resourceGroupOf(other) === group)
  }

  private launch(job: Job): void {
    const abort = new AbortController()
    const startedAt = nowOf(this.options.app)
    const running = this.updateJob(job, { status: 'running', started_at: startedAt })
    this.settle(job.pipeline_id)
    const done = this.run(running, abort, startedAt)
      .catch((error: unknown) => this.options.app.log(`gitlab: job ${job.id}: ${messageOf(error)}`))
      .finally(() => {
        this.running.delete(job.id)
        if (!this.paused) this.process(job.pipeline_id)
      })
    this.running.set(job.id, { abort, done })
  }

  private async run(job: Job, abort: AbortController, startedAt: string): Promise<void> {
    const { app, jobTools, jobTokens } = this.options
    const pipeline = app.records.pipelines.get(job.pipeline_id)
    const project = app.records.projects.get(job.project_id)
    const user = app.records.users.get(job.user_id)
    if (!pipeline || !project || !user) return
    const token = newToken('glcbt')
    jobTokens.add(token, job.id)
    try {
      const protectedRef = isProtected(app, project, pipeline.ref, pipeline.tag)
      const sources = this.artifactSources(job, pipeline)
      const result = await runJob(app, jobTools, {
        job,
        pipeline,
        project,
        user,
        protectedRef,
        token,
        startedAt,
        sources,
        abort,
      })
      const current = app.records.jobs.get(job.id)
      if (current?.status !== 'running') return
      if (abort.signal.aborted && abort.signal.reason === 'stopped') return
      const finished = this.updateJob(current, { ...result, finished_at: nowOf(app) })
      this.retryByItself(finished)
    } finally {
      jobTokens.remove(token)
    }
  }

  private artifactSources(job: Job, pipeline: Pipeline): Job[] {
    const wanted = artifactSourcesOf(job)
    const before = predecessors(
      { ...job, needs: wanted ? null : job.needs },
      this.currentJobs(job.pipeline_id),
      pipeline.stages,
    )
    const all = wanted ? this.currentJobs(job.pipeline_id) : before
    return all.filter(({ name, config }) => !wanted || wanted.includes(name) || wanted.includes(config.base))
  }

  private retryByItself(job: Job): void {
    const { max, when } = retryOf(job)
    if (job.status !== 'failed' || job.retries >= max) return
    if (!when.includes('always') && !when.includes(job.failure_reason ?? '')) return
    this.replace(job, { status: 'created', retries: job.retries + 1 })
  }
}
