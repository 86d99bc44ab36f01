import { html } from 'hono/html'
import type { Clock } from '../../core/clock.ts'
import { ApiRefusal } from '../../core/pages/api.ts'
import type { Html } from '../../core/pages/document.ts'
import { fieldsOf } from '../../core/pages/forms.ts'
import { ago, badge, cut } from '../../core/pages/parts.ts'
import { formField, type PageContext, type Pages, type ProjectJson, projectUrl, show } from './view.ts'

const VISIBILITIES = [
  ['private', 'Private', 'Only you and who has a token may read it.'],
  ['internal', 'Internal', 'Every signed-in user may read it.'],
  ['public', 'Public', 'Everybody may read it, without signing in.'],
] as const

/** The list of projects, a user's page, and the form that makes a project. */
export function registerHome(pages: Pages, clock: Clock): void {
  const list = async (c: PageContext, title: string, path: string) => {
    const { rows, total } = await c.get('client').list<ProjectJson>(`${path}?order_by=last_activity_at&per_page=100`)
    const add = c.get('session') ? html`<a class="button main" href="/projects/new">New project</a>` : ''
    const table = html`<table><thead><tr><th>Project</th><th>Visibility</th><th>Last activity</th></tr></thead><tbody>${rows.map(
      (project) => html`<tr><td><a href="${projectUrl(project)}"><strong>${project.path_with_namespace}</strong></a>
${project.description && html`<div class="soft small">${project.description}</div>`}</td>
<td class="tight">${badge('off', project.visibility)}</td><td class="tight">${ago(project.last_activity_at, clock.now())}</td></tr>`,
    )}</tbody></table>${cut(rows.length, total, 'projects')}`
    const none = html`<p class="box fill">There are no projects that you may see.${c.get('session') ? '' : ' Sign in to see private ones and to make one.'}</p>`
    const body = html`<div class="row"><h1 class="grow">${title}</h1>${add}</div>${rows.length > 0 ? table : none}`
    return show(c, { title, body })
  }

  pages.get('/', (c) => list(c, 'Projects', '/projects'))

  const form = (c: PageContext, given: Readonly<Record<string, string>>, error?: string) => {
    const visible = given['visibility'] ?? 'private'
    const choices: Html[] = VISIBILITIES.map(
      ([value, name, says]) =>
        html`<label class="tick"><input type="radio" name="visibility" value="${value}"${value === visible ? html` checked` : ''}> ${name} <span class="soft small">${says}</span></label>`,
    )
    const body = html`<h1>Create blank project</h1>${error && html`<p class="error" role="alert">${error}</p>`}
<form method="post" action="/projects">${formField(c)}
<label for="name">Project name</label><input id="name" name="name" value="${given['name']}" required autofocus>
<label for="path">Project slug</label><input id="path" name="path" value="${given['path']}">
<div class="soft small">The last part of its address. Left empty, it is made from the name.</div>
<label>Visibility level</label>${choices}
<label>Project configuration</label>
<label class="tick"><input type="checkbox" name="initialize_with_readme" value="true"${given['initialize_with_readme'] ? html` checked` : ''}> Initialize repository with a README
<span class="soft small">Leave it unticked if you are going to push a repository that you have.</span></label>
<p><button class="main">Create project</button></p></form>`
    return show(c, { title: 'New project', body }, error === undefined ? 200 : 422)
  }

  pages.get('/projects/new', (c) =>
    c.get('session') ? form(c, {}) : c.redirect('/users/sign_in?return_to=%2Fprojects%2Fnew', 302),
  )

  pages.post('/projects', async (c) => {
    const { name, path, visibility, initialize_with_readme } = await fieldsOf(c)
    const wanted = {
      name: name?.trim(),
      ...(path?.trim() ? { path: path.trim() } : {}),
      visibility,
      initialize_with_readme: initialize_with_readme === 'true',
    }
    try {
      return c.redirect(projectUrl(await c.get('client').post<ProjectJson>('/projects', wanted)), 303)
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status !== 400) throw error
      return form(c, await fieldsOf(c), `The project was not made: ${error.message}.`)
    }
  })

  pages.get('/:user', (c) => list(c, c.req.param('user'), `/users/${encodeURIComponent(c.req.param('user'))}/projects`))
}
