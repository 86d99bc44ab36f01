import { html } from 'hono/html'
import type { Clock } from '../../core/clock.ts'
import { ago, cut, duration } from '../../core/pages/parts.ts'
import type { jobView, pipelineDetails, pipelineView } from '../ci-views.ts'
import { type CommitJson, commitAt, encoded, projectAt } from './refs.ts'
import { isAtRest, paceOf, statusBadge } from './status.ts'
import { action, type Pages, projectUrl, showProject } from './view.ts'

type PipelineJson = ReturnType<typeof pipelineView>
export type JobJson = Awaited<ReturnType<typeof jobView>>

/** Pipelines of a project, and one with its stages and jobs. */
export function registerPipelines(pages: Pages, clock: Clock): void {
  pages.get('/:user/:project/-/pipelines', async (c) => {
    const client = c.get('client')
    const project = await projectAt(c)
    const base = projectUrl(project)
    const { rows, total } = await client.list<PipelineJson>(`/projects/${project.id}/pipelines?per_page=50`)
    const commits = await Promise.all(rows.map(({ sha }) => commitAt(client, project, sha)))
    const line = (each: PipelineJson, commit: CommitJson | undefined) => html`<tr>
<td class="tight">${statusBadge(each.status, `${base}/-/pipelines/${each.id}`)}</td>
<td><a href="${base}/-/pipelines/${each.id}"><strong>${each.name ?? commit?.title ?? `#${each.id}`}</strong></a>
<div class="soft small">#${each.id} <a href="${base}/-/commits/${encoded(each.ref)}">${each.ref}</a> <a class="mono" href="${base}/-/commit/${each.sha}">${each.sha.slice(0, 8)}</a></div></td>
<td class="tight">${ago(each.created_at, clock.now())}</td></tr>`
    const live =
      rows.length > 0
        ? html`<table><tbody>${rows.map((each, at) => line(each, commits[at]))}</tbody></table>${cut(rows.length, total, 'pipelines')}`
        : html`<p class="box fill">There are no pipelines yet. A push makes one if the repository has a <code>.gitlab-ci.yml</code>.</p>`
    return showProject(c, project, 'Pipelines', {
      title: 'Pipelines',
      body: html`<h1>Pipelines</h1>`,
      live,
      every: paceOf(rows),
    })
  })

  pages.get('/:user/:project/-/pipelines/:id{[0-9]+}', async (c) => {
    const client = c.get('client')
    const project = await projectAt(c)
    const base = projectUrl(project)
    const api = `/projects/${project.id}/pipelines/${c.req.param('id')}`
    const pipeline = await client.get<ReturnType<typeof pipelineDetails>>(api)
    const commit = await commitAt(client, project, pipeline.sha)
    const { rows, total } = await client.list<JobJson>(`${api}/jobs?per_page=100`)
    const jobs = [...rows].reverse()
    const stages = [...new Set(jobs.map(({ stage }) => stage))]
    const job = (each: JobJson) =>
      html`<p>${statusBadge(each.status)} <a href="${base}/-/jobs/${each.id}">${each.name}</a>${each.allow_failure && html` <span class="soft small">allowed to fail</span>`}</p>`
    const self = `${base}/-/pipelines/${pipeline.id}`
    const change = isAtRest(pipeline.status)
      ? jobs.some(({ status }) => status === 'failed' || status === 'canceled') && action(c, `${self}/retry`, 'Retry')
      : action(c, `${self}/cancel`, 'Cancel pipeline')
    const live = html`<div class="row"><h1 class="grow">${pipeline.name ?? commit?.title ?? `Pipeline #${pipeline.id}`} ${statusBadge(pipeline.status)}</h1>${change}</div>
<dl><dt>Pipeline</dt><dd>#${pipeline.id}, number ${pipeline.iid} of this project (<code>CI_PIPELINE_IID</code>)</dd>
<dt>For</dt><dd><a href="${base}/-/commits/${encoded(pipeline.ref)}">${pipeline.ref}</a> <a class="mono" href="${base}/-/commit/${pipeline.sha}">${pipeline.sha.slice(0, 8)}</a></dd>
<dt>Triggered</dt><dd>by ${pipeline.user.name} (${pipeline.source}) ${ago(pipeline.created_at, clock.now())}</dd>
<dt>Duration</dt><dd>${duration(pipeline.duration) || 'not finished'}</dd></dl>
${pipeline.yaml_errors && html`<pre class="error wrap">${pipeline.yaml_errors}</pre>`}
<h2>Jobs</h2><div class="stages">${stages.map(
      (stage) =>
        html`<div class="box fill"><p class="soft small">${stage}</p>${jobs.filter((each) => each.stage === stage).map(job)}</div>`,
    )}</div>${cut(rows.length, total, 'jobs')}`
    const every = isAtRest(pipeline.status) ? undefined : 1000
    return showProject(c, project, 'Pipelines', { title: `Pipeline #${pipeline.id}`, body: html``, live, every })
  })

  for (const verb of ['retry', 'cancel']) {
    pages.post(`/:user/:project/-/pipelines/:id{[0-9]+}/${verb}`, async (c) => {
      const project = await projectAt(c)
      await c.get('client').post(`/projects/${project.id}/pipelines/${c.req.param('id')}/${verb}`)
      return c.redirect(`${projectUrl(project)}/-/pipelines/${c.req.param('id')}`, 303)
    })
  }
}
