import { html } from 'hono/html'
import type { Clock } from '../../../core/clock.ts'
import { ApiRefusal } from '../../../core/pages/api.ts'
import type { Html } from '../../../core/pages/document.ts'
import { fieldsOf } from '../../../core/pages/forms.ts'
import { pathOf } from '../../../core/pages/parts.ts'
import type { Application } from '../../application.ts'
import type { ManagedResourceItem, ResourceNode } from '../../controller/tree.ts'
import type { Client } from './client.ts'
import { button, conditions, differences, facts, history, lastOperation, type RevisionMetadata } from './sections.ts'
import { resourceTree } from './tree.ts'
import { applicationUrl, formField, type PageContext, type Pages, show } from './view.ts'

/** One Application: what it is, how it differs from Git, what it made, what was done to it, and what one can do. */
export function registerApplication(pages: Pages, namespace: string, clock: Clock): void {
  // Older addresses leave the namespace out.
  pages.get('/applications/:name', (c) => c.redirect(`/applications/${pathOf(namespace, c.req.param('name'))}`, 302))

  const page = async (c: PageContext, error?: ApiRefusal) => {
    const client = c.get('client')
    const name = c.req.param('name') ?? ''
    const api = `/applications/${encodeURIComponent(name)}`
    const app = await client.get<Application>(api)
    const [{ nodes }, { items }, metadata] = await Promise.all([
      client.get<{ nodes: ResourceNode[] }>(`${api}/resource-tree`),
      client.get<{ items: ManagedResourceItem[] }>(`${api}/managed-resources`),
      metadataOf(client, api, app.status?.sync?.revision),
    ])
    const tools = html`<h1>${name}</h1>${error && html`<p class="error" role="alert">${error.message}</p>`}${toolbar(c, app)}`
    const live = html`${facts(app, metadata, clock)}${conditions(app, clock)}<h2>Resources</h2>${resourceTree(app, nodes, clock)}
<h2>Difference between live and desired state</h2>${differences(app, items)}
<h2>Last operation</h2>${lastOperation(c, app, clock)}<h2>History</h2>${history(c, app, clock)}`
    const events = `/api/v1/stream/applications?name=${encodeURIComponent(name)}`
    return show(c, { title: name, body: tools, live: { body: live, events } }, error?.status)
  }

  pages.get('/applications/:namespace/:name', (c, next) => (c.req.param('namespace') === namespace ? page(c) : next()))

  pages.post('/applications/:namespace/:name', async (c, next) => {
    if (c.req.param('namespace') !== namespace) return next()
    try {
      await act(c.get('client'), c.req.param('name'), await fieldsOf(c))
      return c.redirect(c.req.path, 303)
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status === 401 || error.status === 403) throw error
      return page(c, error)
    }
  })
}

/** Does what a button says, through the API. @throws ApiRefusal */
async function act(client: Client, name: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const api = `/applications/${encodeURIComponent(name)}`
  const [prune, dryRun] = [fields['prune'] !== undefined, fields['dryRun'] !== undefined]
  const revision = fields['revision']?.trim()
  switch (fields['action']) {
    case 'refresh':
    case 'hard':
      await client.get(`${api}?refresh=${fields['action'] === 'hard' ? 'hard' : 'normal'}`)
      return
    case 'sync':
      await client.send('POST', `${api}/sync`, { prune, dryRun, ...(revision ? { revision } : {}) })
      return
    case 'rollback':
      await client.send('POST', `${api}/rollback`, { id: Number(fields['id']) })
      return
    case 'terminate':
      await client.send('DELETE', `${api}/operation`)
      return
    default:
      throw new ApiRefusal(400, 'expected is one of the actions sync, refresh, hard, rollback and terminate')
  }
}

function toolbar(c: PageContext, app: Application): Html {
  return html`<div class="row">${button(c, app, 'refresh', 'Refresh')}${button(c, app, 'hard', 'Hard refresh')}</div>
<form class="box fill row" method="post" action="${applicationUrl(app)}">${formField(c)}
<button class="main" name="action" value="sync">Sync</button>
<label class="tick"><input type="checkbox" name="prune"> Prune</label><label class="tick"><input type="checkbox" name="dryRun"> Dry run</label>
<label class="tick" for="revision">Revision</label><span class="grow"><input id="revision" name="revision" placeholder="target revision"></span></form>`
}

const metadataOf = async (client: Client, api: string, revision: string | undefined) =>
  revision ? client.find<RevisionMetadata>(`${api}/revisions/${encodeURIComponent(revision)}/metadata`) : undefined
