import type { Services } from '../services.ts'
import { basicUserView, namespaceView, ownUserView, projectView } from '../views.ts'
import { type Api, forbidden, idOf, notFound, paginate, text, userOf } from './support.ts'

const VERSION = '19.1.0-ee'

/** Who is who: version, users, namespaces. The sandbox has one user and no groups. */
export function registerUsers(api: Api, { app }: Services): void {
  const { users, projects } = app.records

  api.get('/version', (c) => {
    userOf(c)
    return c.json({ version: VERSION, revision: 'gitops-lab' })
  })

  api.get('/metadata', (c) => {
    userOf(c)
    const kas = { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null }
    return c.json({ version: VERSION, revision: 'gitops-lab', kas, enterprise: false })
  })

  api.get('/user', (c) => c.json(ownUserView(app, userOf(c))))

  api.get('/users', (c) => {
    userOf(c)
    const name = text(c.get('params'), 'username')
    const search = text(c.get('params'), 'search')?.toLowerCase()
    const found = users.list(
      (user) =>
        (name === undefined || user.username.toLowerCase() === name.toLowerCase()) &&
        (search === undefined ||
          [user.username, user.name, user.email].some((each) => each.toLowerCase().includes(search))),
    )
    return paginate(c, found, (user) => basicUserView(app, user))
  })

  api.get('/users/:user_id', (c) => {
    userOf(c)
    const user = users.get(idOf(c, 'user_id'))
    if (!user) throw notFound('User')
    return c.json(ownUserView(app, user))
  })

  api.get('/users/:user_id/projects', async (c) => {
    const identity = c.get('identity')
    const wanted = c.req.param('user_id')
    const user = users.find(({ id, username }) => String(id) === wanted || username === wanted)
    if (!user) throw notFound('User')
    const rows = projects.list(
      ({ namespace, visibility }) =>
        namespace === user.username && (identity.type === 'user' || visibility === 'public'),
    )
    return paginate(c, await Promise.all(rows.reverse().map((project) => projectView(app, project, identity))))
  })

  api.get('/namespaces', (c) => {
    userOf(c)
    return paginate(c, users.list(), (user) => namespaceView(app, user))
  })

  api.get('/namespaces/:namespace_id', (c) => {
    userOf(c)
    const wanted = c.req.param('namespace_id')
    const user = users.find(({ id, username }) => String(id) === wanted || username === wanted)
    if (!user) throw notFound('Namespace')
    return c.json(namespaceView(app, user))
  })

  api.get('/groups', (c) => paginate(c, []))

  api.get('/groups/:group_id', () => {
    throw notFound('Group')
  })

  api.post('/groups', (c) => {
    userOf(c)
    throw forbidden()
  })
}
