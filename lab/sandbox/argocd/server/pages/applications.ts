import { html } from 'hono/html'
import type { Clock } from '../../../core/clock.ts'
import { ago } from '../../../core/pages/parts.ts'
import { type Application, sourcesOf } from '../../application.ts'
import { applicationUrl, healthBadge, type Pages, shortRevision, show, syncBadge } from './view.ts'

/** The list of Applications, and of repositories. */
export function registerApplications(pages: Pages, clock: Clock): void {
  pages.get('/applications', async (c) => {
    const { items } = await c.get('client').get<{ items: Application[] }>('/applications')
    const card = (app: Application) => {
      const { spec, status } = app
      const [source] = sourcesOf(spec)
      return html`<div class="box"><p class="row"><a class="grow" href="${applicationUrl(app)}"><strong>${app.metadata.name}</strong></a>
${healthBadge(status?.health?.status)} ${syncBadge(status?.sync?.status)}</p>
<dl class="small"><dt>Project</dt><dd>${spec.project || 'default'}</dd><dt>Repository</dt><dd>${source?.repoURL}</dd>
<dt>Target revision</dt><dd>${source?.targetRevision || 'HEAD'} ${status?.sync?.revision && html`<code>${shortRevision(status.sync.revision)}</code>`}</dd>
<dt>Path</dt><dd>${source?.path}</dd><dt>Destination</dt><dd>${spec.destination.name || spec.destination.server}</dd>
<dt>Namespace</dt><dd>${spec.destination.namespace}</dd><dt>Compared</dt><dd>${ago(status?.reconciledAt, clock.now())}</dd></dl></div>`
    }
    const none = html`<p class="box fill">There are no Applications yet. An Application says which folder of which repository belongs into which namespace; <code>kubectl apply</code> makes one.</p>`
    const body = items.length > 0 ? html`<div class="cards">${items.map(card)}</div>` : none
    const live = { body, events: '/api/v1/stream/applications' }
    return show(c, { title: 'Applications', body: html`<h1>Applications</h1>`, live })
  })

  pages.get('/settings/repos', async (c) => {
    type Repository = { repo: string; username?: string; type: string; project?: string }
    const { items } = await c.get('client').get<{ items: Repository[] }>('/repositories')
    const line = (each: Repository) =>
      html`<tr><td class="mono">${each.repo}</td><td>${each.type}</td><td>${each.username}</td><td>${each.project}</td></tr>`
    const table = html`<div class="scroll"><table><thead><tr><th>Repository</th><th>Type</th><th>Username</th><th>Project</th></tr></thead><tbody>${items.map(line)}</tbody></table></div>`
    const none = html`<p class="box fill">No repository is connected. A Secret with the label <code>argocd.argoproj.io/secret-type: repository</code> connects one.</p>`
    const body = html`<h1>Repositories</h1>${items.length > 0 ? table : none}`
    return show(c, { title: 'Repositories', body })
  })
}
