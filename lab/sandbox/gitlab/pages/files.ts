import { html } from 'hono/html'
import type { Clock } from '../../core/clock.ts'
import { size } from '../../core/pages/parts.ts'
import { breadcrumbs, commitLine, fileText, type TreeRow, treeTable } from './file-parts.ts'
import { encoded, placeOf, projectAt, restOf } from './refs.ts'
import { type PageContext, type Pages, projectUrl, showProject } from './view.ts'

/** Folders and files of a repository. */
export function registerFiles(pages: Pages, clock: Clock): void {
  const at = async (c: PageContext, kind: string) => {
    const project = await projectAt(c)
    const place = await placeOf(c.get('client'), project, restOf(c, kind))
    return { project, place, api: `/projects/${project.id}/repository` }
  }

  pages.get('/:user/:project/-/tree/:rest{.+}', async (c, next) => {
    const { project, place, api } = await at(c, 'tree')
    if (!place) return next()
    const { ref, path, commit } = place
    const query = new URLSearchParams({ ref: commit.id, path, per_page: '100' })
    const { rows, total } = await c.get('client').list<TreeRow>(`${api}/tree?${query}`)
    const [latest] = (
      await c
        .get('client')
        .list<typeof commit>(`${api}/commits?${new URLSearchParams({ ref_name: commit.id, path, per_page: '1' })}`)
    ).rows
    const body = html`${breadcrumbs(project, ref, path)}${commitLine(project, latest ?? commit, clock.now())}
<p><a href="${projectUrl(project)}/-/commits/${encoded(`${ref}/${path}`)}">History</a></p>${treeTable(project, ref, path, rows, total)}`
    return showProject(c, project, 'Project', { title: path || ref, body })
  })

  pages.get('/:user/:project/-/blob/:rest{.+}', async (c, next) => {
    const { project, place, api } = await at(c, 'blob')
    if (!place?.path) return next()
    const { ref, path, commit } = place
    const content = await c.get('client').bytes(`${api}/files/${encodeURIComponent(path)}/raw?ref=${commit.id}`)
    const raw = `${projectUrl(project)}/-/raw/${encoded(`${ref}/${path}`)}`
    const body = html`${breadcrumbs(project, ref, path)}
<p class="row small"><span class="soft">${size(content.length)}</span><a href="${raw}">Raw</a>
<a href="${projectUrl(project)}/-/commits/${encoded(`${ref}/${path}`)}">History</a></p>${fileText(content, raw)}`
    return showProject(c, project, 'Project', { title: path, body })
  })

  pages.get('/:user/:project/-/raw/:rest{.+}', async (c, next) => {
    const { place, api } = await at(c, 'raw')
    if (!place?.path) return next()
    const content = await c
      .get('client')
      .bytes(`${api}/files/${encodeURIComponent(place.path)}/raw?ref=${place.commit.id}`)
    return sendText(c, content)
  })
}

/** Answers with text that no browser takes for anything else. */
export function sendText(c: PageContext, content: Buffer): Response {
  return c.body(new Uint8Array(content), 200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "sandbox; default-src 'none'",
  })
}
