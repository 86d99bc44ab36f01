import { html } from 'hono/html'
import type { Html } from '../../core/pages/document.ts'
import { ago, cut, duration } from '../../core/pages/parts.ts'
import type { App } from '../app.ts'
import { sendText } from './files.ts'
import { followLog, readLog } from './follow.ts'
import { LogRenderer } from './log.ts'
import type { JobJson } from './pipelines.ts'
import { encoded, projectAt } from './refs.ts'
import { isAtRest, paceOf, statusBadge } from './status.ts'
import { action, type PageContext, type Pages, projectUrl, showProject } from './view.ts'

/** Appends the log as it is written, and loads the page anew when the job has ended. */
const FOLLOW = `
'use strict';
(async () => {
  const log = document.getElementById('log');
  const response = await fetch(log.dataset.follow);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const down = innerHeight + scrollY >= document.body.scrollHeight - 40;
    const whole = (rest + part.value).lastIndexOf('\\n') + 1;
    log.insertAdjacentHTML('beforeend', (rest + part.value).slice(0, whole));
    rest = (rest + part.value).slice(whole);
    if (down) scrollTo(0, document.body.scrollHeight);
  }
  location.reload();
})();
`

/** Jobs of a project, and one with its log. */
export function registerJobs(pages: Pages, app: App): void {
  const jobAt = async (c: PageContext) => {
    const project = await projectAt(c)
    const job = await c.get('client').get<JobJson>(`/projects/${project.id}/jobs/${c.req.param('id')}`)
    return { project, job, self: `${projectUrl(project)}/-/jobs/${job.id}` }
  }

  pages.get('/:user/:project/-/jobs', async (c) => {
    const project = await projectAt(c)
    const base = projectUrl(project)
    const { rows, total } = await c.get('client').list<JobJson>(`/projects/${project.id}/jobs?per_page=50`)
    const line = (
      job: JobJson,
    ) => html`<tr><td class="tight">${statusBadge(job.status, `${base}/-/jobs/${job.id}`)}</td>
<td><a href="${base}/-/jobs/${job.id}"><strong>#${job.id}: ${job.name}</strong></a><div class="soft small">${job.stage}, ${job.ref}, <span class="mono">${job.commit.short_id}</span></div></td>
<td class="tight"><a href="${base}/-/pipelines/${job.pipeline.id}">#${job.pipeline.id}</a></td><td class="tight">${duration(job.duration)}</td>
<td class="tight">${ago(job.created_at, app.clock.now())}</td></tr>`
    const live =
      rows.length > 0
        ? html`<div class="scroll"><table><thead><tr><th>Status</th><th>Job</th><th>Pipeline</th><th>Duration</th><th>Created</th></tr></thead><tbody>${rows.map(line)}</tbody></table></div>${cut(rows.length, total, 'jobs')}`
        : html`<p class="box fill">There are no jobs yet.</p>`
    return showProject(c, project, 'Jobs', { title: 'Jobs', body: html`<h1>Jobs</h1>`, live, every: paceOf(rows) })
  })

  pages.get('/:user/:project/-/jobs/:id{[0-9]+}', async (c) => {
    const { project, job, self } = await jobAt(c)
    const base = projectUrl(project)
    const ended = isAtRest(job.status)
    const written = readLog(app, job.id, 0)
    const follow = ended ? '' : html` data-follow="${self}/trace?from=${written.length}"`
    const next = !ended
      ? action(c, `${self}/cancel`, 'Cancel')
      : job.status === 'manual'
        ? action(c, `${self}/play`, 'Run')
        : job.status !== 'skipped' && action(c, `${self}/retry`, 'Retry')
    const body = html`<div class="row"><h1 class="grow">${job.name} ${statusBadge(job.status)}</h1>${next}</div>
<dl><dt>Pipeline</dt><dd><a href="${base}/-/pipelines/${job.pipeline.id}">#${job.pipeline.id}</a> for <a href="${base}/-/commits/${encoded(job.ref)}">${job.ref}</a>, stage ${job.stage}</dd>
<dt>Commit</dt><dd><a class="mono" href="${base}/-/commit/${job.commit.id}">${job.commit.short_id}</a> ${job.commit.title}</dd>
<dt>Duration</dt><dd>${duration(job.duration) || 'not started'}</dd>
${job.failure_reason && html`<dt>Failure reason</dt><dd>${job.failure_reason.replaceAll('_', ' ')}</dd>`}</dl>
<p class="row small"><a href="${self}/raw">Complete raw log</a></p>
<pre class="log" id="log"${follow}>${linesOf(written, new LogRenderer())}</pre>
${!ended && html`<p class="soft">The log grows as the job runs.</p>`}`
    return showProject(c, project, 'Jobs', {
      title: `${job.name} (#${job.id})`,
      body,
      ...(ended ? {} : { script: FOLLOW, refresh: 3 }),
    })
  })

  pages.get('/:user/:project/-/jobs/:id{[0-9]+}/raw', async (c) => {
    const { project, job } = await jobAt(c)
    return sendText(c, await c.get('client').bytes(`/projects/${project.id}/jobs/${job.id}/trace`))
  })

  // The log as HTML, from an offset on, for as long as the job runs.
  pages.get('/:user/:project/-/jobs/:id{[0-9]+}/trace', async (c) => {
    const { job } = await jobAt(c)
    const from = Math.max(0, Math.floor(Number(c.req.query('from') ?? 0)) || 0)
    const stop = new AbortController()
    const signal = AbortSignal.any([c.req.raw.signal, stop.signal])
    const parts = followLog(app, job.id, from, signal)
    const renderer = new LogRenderer()
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await parts.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(String(await linesOf(value, renderer))))
      },
      cancel: () => stop.abort(),
    })
    return c.body(body, 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "sandbox; default-src 'none'",
      'Cache-Control': 'no-store',
    })
  })

  for (const verb of ['retry', 'cancel', 'play']) {
    pages.post(`/:user/:project/-/jobs/:id{[0-9]+}/${verb}`, async (c) => {
      const { project, job } = await jobAt(c)
      const changed = await c.get('client').post<JobJson>(`/projects/${project.id}/jobs/${job.id}/${verb}`)
      return c.redirect(`${projectUrl(project)}/-/jobs/${changed.id}`, 303)
    })
  }
}

const linesOf = (log: Buffer, renderer: LogRenderer): Html =>
  html`${log
    .toString('utf8')
    .replace(/\n$/, '')
    .split('\n')
    .filter((_, at) => at > 0 || log.length > 0)
    .map((line) => renderer.line(line))}`
