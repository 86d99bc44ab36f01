import { Hono } from 'hono'
import { html } from 'hono/html'
import { messageOf } from '../../core/errors.ts'
import { ApiRefusal, type Ask } from '../../core/pages/api.ts'
import type { PageStatus } from '../../core/pages/document.ts'
import { cookieOf, fieldsOf, isForeign, isFormOf } from '../../core/pages/forms.ts'
import type { Services } from '../services.ts'
import { Client } from './client.ts'
import { registerCommits } from './commits.ts'
import { registerContainerRegistry } from './container-registry.ts'
import { registerFiles } from './files.ts'
import { registerHome } from './home.ts'
import { registerJobs } from './jobs.ts'
import { registerPipelines } from './pipelines.ts'
import { registerProject } from './project.ts'
import { Sessions } from './sessions.ts'
import { COOKIE, registerSignIn } from './sign-in.ts'
import { type PageContext, type PageEnv, type Pages, show } from './view.ts'

/** GitLab's pages under GitLab's own addresses: a client of the API like any other. */
export function createPages({ app }: Services, ask: Ask): Pages {
  const sessions = new Sessions(app.clock)
  const pages: Pages = new Hono<PageEnv>()

  pages.use('*', async (c, next) => {
    const session = sessions.get(cookieOf(c, COOKIE))
    c.set('session', session)
    c.set('client', new Client(ask, session?.token))
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    if (isForeign(c)) return refuse(c, 403, 'This form was sent by another site.')
    if (c.req.path === '/users/sign_in') return next()
    if (!session) return signIn(c)
    const { authenticity_token } = await fieldsOf(c)
    return isFormOf(session.id, authenticity_token)
      ? next()
      : refuse(c, 422, 'This form is out of date: go back, load the page again, and send it once more.')
  })

  registerSignIn(pages, sessions, ask)
  registerHome(pages, app.clock)
  registerProject(pages, app.clock)
  registerFiles(pages, app.clock)
  registerCommits(pages, app.clock)
  registerPipelines(pages, app.clock)
  registerJobs(pages, app)
  registerContainerRegistry(pages, app.clock)

  // As with GitLab, who is not signed in does not learn whether there is such a page.
  const missing = (c: PageContext) =>
    c.get('session') ? refuse(c, 404, "There is no such page, or you don't have permission to view it.") : signIn(c)
  pages.all('*', missing)
  pages.onError((error, c) => {
    if (!(error instanceof ApiRefusal)) {
      app.log(`gitlab: ${c.req.method} ${c.req.path}: ${messageOf(error)}`)
      return refuse(c, 500, 'Something went wrong on our end.')
    }
    if (error.status === 401) {
      sessions.end(cookieOf(c, COOKIE) ?? '')
      return signIn(c)
    }
    return error.status === 404 ? missing(c) : refuse(c, error.status, error.message)
  })
  return pages
}

const signIn = (c: PageContext): Response =>
  c.req.path === '/' || c.req.method !== 'GET'
    ? c.redirect('/users/sign_in', 303)
    : c.redirect(`/users/sign_in?return_to=${encodeURIComponent(c.req.path)}`, 302)

const refuse = (c: PageContext, status: PageStatus, text: string): Response | Promise<Response> =>
  show(
    c,
    { title: `${status}`, body: html`<h1>${status}</h1><p>${text}</p><p><a href="/">All projects</a></p>` },
    status,
  )
