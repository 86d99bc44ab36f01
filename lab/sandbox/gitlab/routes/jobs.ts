import { existsSync, readFileSync, rmSync } from 'node:fs'
import { unzipSync } from 'fflate'
import { ApiError } from '../../core/errors.ts'
import { artifactsPath, tracePath } from '../app.ts'
import { jobView } from '../ci-views.ts'
import type { Job, Project } from '../entities.ts'
import { isFinished } from '../pipelines/status.ts'
import type { Services } from '../services.ts'
import {
  type Api,
  type ApiContext,
  forbidden,
  idOf,
  list,
  notFound,
  ownProjectOf,
  pageOf,
  projectOf,
  requireReader,
  sendPage,
  unauthorized,
  userOf,
} from './support.ts'

/** Jobs: list, log, artifacts, retry, play, cancel. */
export function registerJobs(api: Api, { app, scheduler }: Services): void {
  const { jobs } = app.records
  const view = (job: Job) => jobView(app, job, app.clock.now())

  const jobOf = (c: ApiContext, project: Project): Job => {
    const job = jobs.get(idOf(c, 'job_id'))
    if (!job || job.project_id !== project.id) throw notFound()
    return job
  }

  // https://docs.gitlab.com/api/jobs/: unlike artifacts, jobs and their logs need a token even of public projects.
  api.get('/projects/:id/jobs', async (c) => {
    requireReader(c)
    const project = projectOf(app, c)
    const scope = list(c.get('params'), 'scope')
    const rows = jobs
      .list((job) => job.project_id === project.id)
      .filter(({ status }) => scope === undefined || scope.includes(status))
      .reverse()
    const { skip, perPage } = pageOf(c)
    return sendPage(c, await Promise.all(rows.slice(skip, skip + perPage).map(view)), rows.length)
  })

  api.get('/projects/:id/jobs/:job_id', async (c) => {
    requireReader(c)
    return c.json(await view(jobOf(c, projectOf(app, c))))
  })

  // The job that asks, by its own token.
  api.get('/job', async (c) => {
    const identity = c.get('identity')
    if (identity.type !== 'job') throw unauthorized()
    return c.json(await view(identity.job))
  })

  api.get('/projects/:id/jobs/:job_id/trace', (c) => {
    requireReader(c)
    const job = jobOf(c, projectOf(app, c))
    const path = tracePath(app, job)
    const log = existsSync(path) ? new Uint8Array(readFileSync(path)) : new Uint8Array()
    return c.body(log, 200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Disposition': 'inline' })
  })

  const zipOf = (job: Job): Buffer => {
    const path = artifactsPath(app, job)
    if (!existsSync(path)) throw notFound()
    return readFileSync(path)
  }

  api.get('/projects/:id/jobs/:job_id/artifacts', (c) => {
    const job = jobOf(c, projectOf(app, c))
    return c.body(new Uint8Array(zipOf(job)), 200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename="${job.artifacts[0]?.filename ?? 'artifacts.zip'}"`,
    })
  })

  api.get('/projects/:id/jobs/:job_id/artifacts/:path{.+}', (c) => {
    const wanted = c.req.param('path')
    const file = unzipSync(zipOf(jobOf(c, projectOf(app, c))), { filter: ({ name }) => name === wanted })[wanted]
    if (!file) throw notFound()
    return c.body(new Uint8Array(file), 200, { 'Content-Type': 'application/octet-stream' })
  })

  api.post('/projects/:id/jobs/:job_id/retry', async (c) => {
    const job = jobOf(c, ownProjectOf(app, c))
    if (!isFinished(job.status) || job.status === 'skipped' || job.retried) {
      throw new ApiError(403, '403 Forbidden - Job is not retryable')
    }
    return c.json(await view(scheduler.retry(job, userOf(c).id)), 201)
  })

  api.post('/projects/:id/jobs/:job_id/play', async (c) => {
    const job = jobOf(c, ownProjectOf(app, c))
    const played = scheduler.play(job)
    if (!played) throw new ApiError(400, 'Unplayable Job')
    return c.json(await view(jobs.get(job.id) as Job))
  })

  api.post('/projects/:id/jobs/:job_id/cancel', async (c) => {
    const job = scheduler.cancel(jobOf(c, ownProjectOf(app, c)))
    return c.json(await view(job), 201)
  })

  api.post('/projects/:id/jobs/:job_id/erase', async (c) => {
    const job = jobOf(c, ownProjectOf(app, c))
    if (!isFinished(job.status)) throw forbidden()
    for (const path of [tracePath(app, job), artifactsPath(app, job)]) rmSync(path, { force: true })
    return c.json(await view(jobs.update(job.id, { artifacts: [] }) as Job), 201)
  })
}
