import { html } from 'hono/html'
import type { Clock } from '../../core/clock.ts'
import { ago, badge, cut, patch } from '../../core/pages/parts.ts'
import type { pipelineView } from '../ci-views.ts'
import type { FileChange } from '../git/repository.ts'
import { breadcrumbs } from './file-parts.ts'
import { type CommitJson, encoded, placeOf, projectAt, restOf } from './refs.ts'
import { statusBadge } from './status.ts'
import { type PageContext, type Pages, projectUrl, showProject } from './view.ts'

type CommitDetails = CommitJson & {
  readonly stats: { readonly additions: number; readonly deletions: number }
  readonly last_pipeline: ReturnType<typeof pipelineView> | null
}

/** History of a ref, and single commits with what they change. */
export function registerCommits(pages: Pages, clock: Clock): void {
  const history = async (c: PageContext, next: () => Promise<void>) => {
    const client = c.get('client')
    const project = await projectAt(c)
    const base = projectUrl(project)
    const wanted = restOf(c, 'commits') || project.default_branch
    if (wanted === null) {
      return showProject(c, project, 'Commits', { title: 'Commits', body: html`<p>There are no commits yet.</p>` })
    }
    const place = await placeOf(client, project, wanted)
    if (!place) return next()
    const { ref, path, commit } = place
    const page = Math.max(1, Number(c.req.query('page') ?? 1) || 1)
    const query = new URLSearchParams({ ref_name: commit.id, path, per_page: '40', page: String(page) })
    const { rows, total } = await client.list<CommitJson>(`/projects/${project.id}/repository/commits?${query}`)
    const { rows: pipelines } = await client.list<ReturnType<typeof pipelineView>>(
      `/projects/${project.id}/pipelines?per_page=100`,
    )
    const line = (each: CommitJson) => {
      const pipeline = pipelines.find(({ sha }) => sha === each.id)
      return html`<tr><td><a href="${base}/-/commit/${each.id}"><strong>${each.title || '(no message)'}</strong></a>
<div class="soft small">${each.author_name} authored ${ago(each.authored_date, clock.now())}</div></td>
<td class="tight">${pipeline && statusBadge(pipeline.status, `${base}/-/pipelines/${pipeline.id}`)}</td>
<td class="tight mono"><a href="${base}/-/commit/${each.id}">${each.short_id}</a></td></tr>`
    }
    const link = (to: number, label: string) =>
      html`<a href="${base}/-/commits/${encoded(`${ref}/${path}`)}?page=${to}">${label}</a>`
    const body = html`<h1>Commits</h1>${breadcrumbs(project, ref, path)}<table><tbody>${rows.map(line)}</tbody></table>
<p class="row">${page > 1 && link(page - 1, 'Newer')} ${total > page * 40 && link(page + 1, 'Older')}</p>`
    return showProject(c, project, 'Commits', { title: 'Commits', body })
  }
  pages.get('/:user/:project/-/commits', history)
  pages.get('/:user/:project/-/commits/:rest{.+}', history)

  pages.get('/:user/:project/-/commit/:sha', async (c) => {
    const client = c.get('client')
    const project = await projectAt(c)
    const base = projectUrl(project)
    const api = `/projects/${project.id}/repository/commits/${encodeURIComponent(c.req.param('sha'))}`
    const commit = await client.get<CommitDetails>(api)
    const { rows: files, total } = await client.list<FileChange>(`${api}/diff?per_page=100`)
    const [, ...rest] = commit.message.split('\n')
    const description = rest.join('\n').trim()
    const pipeline = commit.last_pipeline
    const { additions, deletions } = commit.stats
    const body = html`<h1>${commit.title || '(no message)'}</h1>
<p class="soft">${commit.author_name} &lt;${commit.author_email}&gt; authored ${ago(commit.authored_date, clock.now())}</p>
${description && html`<pre class="wrap">${description}</pre>`}
<dl><dt>Commit</dt><dd><code>${commit.id}</code></dd>
<dt>${commit.parent_ids.length === 1 ? 'Parent' : 'Parents'}</dt><dd>${commit.parent_ids.map((id) => html`<a class="mono" href="${base}/-/commit/${id}">${id.slice(0, 8)}</a> `)}</dd>
<dt>Pipeline</dt><dd>${pipeline ? html`<a href="${base}/-/pipelines/${pipeline.id}">#${pipeline.id}</a> ${statusBadge(pipeline.status)}` : 'none'}</dd></dl>
<p><a href="${base}/-/tree/${commit.id}">Browse files</a></p>
<h2>${total} changed ${total === 1 ? 'file' : 'files'}, +${additions} −${deletions}</h2>
${files.map(fileDiff)}${cut(files.length, total, 'files')}`
    return showProject(c, project, 'Commits', { title: commit.title, body })
  })
}

function fileDiff(file: FileChange) {
  const kind = file.new_file ? 'new' : file.deleted_file ? 'deleted' : file.renamed_file ? 'renamed' : undefined
  const name = file.renamed_file ? `${file.old_path} → ${file.new_path}` : file.new_path
  return html`<div class="row"><strong class="mono">${name}</strong>${kind && badge('off', kind)}</div>
${file.diff ? patch(file.diff) : html`<p class="soft">No lines differ, or this is not text.</p>`}`
}
