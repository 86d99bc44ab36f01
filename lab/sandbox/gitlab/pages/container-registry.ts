import { html } from 'hono/html'
import type { Clock } from '../../core/clock.ts'
import { ago, cut, size } from '../../core/pages/parts.ts'
import { projectAt } from './refs.ts'
import { type Pages, type ProjectJson, projectUrl, showProject } from './view.ts'

type RepositoryJson = {
  readonly id: number
  readonly name: string
  readonly location: string
  readonly tags_count: number
}
type TagJson = {
  readonly name: string
  readonly location: string
  readonly digest: string
  readonly created_at: string
  readonly total_size: number
}

/** The image repositories of a project, and the tags of each. */
export function registerContainerRegistry(pages: Pages, clock: Clock): void {
  const repositories = (project: ProjectJson) => `/projects/${project.id}/registry/repositories`

  pages.get('/:user/:project/container_registry', async (c) => {
    const project = await projectAt(c)
    const { rows } = await c.get('client').list<RepositoryJson>(`${repositories(project)}?tags_count=true&per_page=100`)
    const line = (
      each: RepositoryJson,
    ) => html`<tr><td><a href="${projectUrl(project)}/container_registry/${each.id}"><strong>${each.name || 'Root image'}</strong></a>
<div class="mono soft">${each.location}</div></td><td class="tight">${each.tags_count} ${each.tags_count === 1 ? 'tag' : 'tags'}</td></tr>`
    const none = html`<p class="box fill">There are no container images stored for this project. A pipeline that builds one pushes it to</p><pre>${project.container_registry_image_prefix}</pre>`
    const body = html`<h1>Container registry</h1>${rows.length > 0 ? html`<table><tbody>${rows.map(line)}</tbody></table>` : none}`
    return showProject(c, project, 'Container registry', { title: 'Container registry', body })
  })

  pages.get('/:user/:project/container_registry/:id{[0-9]+}', async (c) => {
    const client = c.get('client')
    const project = await projectAt(c)
    const api = `${repositories(project)}/${c.req.param('id')}/tags`
    const { rows, total } = await client.list<{ name: string; location: string }>(`${api}?per_page=100`)
    const tags = await Promise.all(rows.map(({ name }) => client.get<TagJson>(`${api}/${encodeURIComponent(name)}`)))
    tags.sort((a, b) => b.created_at.localeCompare(a.created_at))
    const line = (
      tag: TagJson,
    ) => html`<tr><td><strong>${tag.name}</strong><div class="mono soft">${tag.location}</div></td>
<td class="tight mono" title="${tag.digest}">${tag.digest.replace(/^sha256:/, '').slice(0, 9)}</td>
<td class="tight">${size(tag.total_size)}</td><td class="tight">${ago(tag.created_at, clock.now())}</td></tr>`
    const location = rows[0]?.location.replace(/:[^:/]+$/, '') ?? project.container_registry_image_prefix
    const body = html`<h1>Tags</h1><p class="mono">${location}</p><div class="scroll"><table>
<thead><tr><th>Tag</th><th>Digest</th><th>Size</th><th>Published</th></tr></thead><tbody>${tags.map(line)}</tbody></table></div>
${cut(tags.length, total, 'tags')}`
    return showProject(c, project, 'Container registry', { title: 'Container registry', body })
  })
}
