import { html } from 'hono/html'
import type { Clock } from '../../core/clock.ts'
import { badge, pathOf } from '../../core/pages/parts.ts'
import { commitLine, fileText, type TreeRow, treeTable } from './file-parts.ts'
import { commitAt, encoded, projectAt } from './refs.ts'
import { type Pages, projectUrl, showProject } from './view.ts'

/** A project's own page: clone address, last commit, files, README. */
export function registerProject(pages: Pages, clock: Clock): void {
  // A clone address opened in a browser leads to the project.
  pages.get('/:user/:project{[^/]+\\.git}', (c) => {
    const { user, project } = c.req.param()
    return c.redirect(`/${pathOf(user, project.replace(/\.git$/, ''))}`, 302)
  })

  pages.get('/:user/:project', async (c) => {
    const client = c.get('client')
    const project = await projectAt(c)
    const ref = project.default_branch
    const commit = ref === null ? undefined : await commitAt(client, project, ref)
    const head = html`<div class="row"><h1 class="grow">${project.name} ${badge('off', project.visibility)}</h1></div>
${project.description && html`<p>${project.description}</p>`}
<dl><dt>Clone with HTTP</dt><dd><code>${project.http_url_to_repo}</code></dd>
<dt>Images</dt><dd><code>${project.container_registry_image_prefix}</code></dd>
<dt>Project ID</dt><dd>${project.id}</dd></dl>`
    if (!commit || ref === null) {
      const empty = html`<h2>The repository for this project is empty</h2><p>Push what you have:</p>
<pre>git remote add origin ${project.http_url_to_repo}
git push --set-upstream origin HEAD:main</pre>`
      return showProject(c, project, 'Project', { title: 'Project', body: html`${head}${empty}` })
    }
    const base = projectUrl(project)
    const { rows, total } = await client.list<TreeRow>(`/projects/${project.id}/repository/tree?per_page=100`)
    const readme = rows.find(({ name, type }) => type === 'blob' && /^readme(\.(md|txt))?$/i.test(name))
    const content = readme && (await client.bytes(`/projects/${project.id}/repository/blobs/${readme.id}/raw`))
    const body = html`${head}${commitLine(project, commit, clock.now())}
<p class="row"><span>Branch <a href="${base}/-/tree/${encoded(ref)}"><code>${ref}</code></a></span><a href="${base}/-/commits/${encoded(ref)}">History</a></p>
${treeTable(project, ref, '', rows, total)}
${readme && content && html`<h2>${readme.name}</h2>${fileText(content, `${base}/-/raw/${encoded(`${ref}/${readme.name}`)}`, 'wrap')}`}`
    return showProject(c, project, 'Project', { title: 'Project', body })
  })
}
