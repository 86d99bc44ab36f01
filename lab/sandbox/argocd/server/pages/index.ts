import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Clock } from '../../../core/clock.ts'
import { ApiRefusal, type Ask } from '../../../core/pages/api.ts'
import type { PageStatus } from '../../../core/pages/document.ts'
import { cookieOf, fieldsOf, isForeign, isFormOf } from '../../../core/pages/forms.ts'
import { registerApplication } from './application.ts'
import { registerApplications } from './applications.ts'
import { Client } from './client.ts'
import { registerLogin } from './login.ts'
import { COOKIE, type PageContext, type PageEnv, type Pages, show } from './view.ts'

/** Argo CD's pages under Argo CD's own addresses: a client of its API like any other. */
export function createPages(options: { readonly namespace: string; readonly clock: Clock; readonly ask: Ask }): Pages {
  const pages: Pages = new Hono<PageEnv>()

  pages.use('*', async (c, next) => {
    if (c.req.path.startsWith('/api/')) return next()
    const token = cookieOf(c, COOKIE)
    c.set('client', new Client(options.ask, token))
    c.set('token', token)
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    if (isForeign(c)) return refuse(c, 403, 'This form was sent by another site.')
    if (c.req.path === '/login') return next()
    if (!token) return c.redirect('/login', 303)
    return isFormOf(token, (await fieldsOf(c))['form'])
      ? next()
      : refuse(c, 400, 'This form is out of date: go back, load the page again, and send it once more.')
  })

  pages.get('/', (c) => c.redirect('/applications', 302))
  registerLogin(pages)
  registerApplications(pages, options.clock)
  registerApplication(pages, options.namespace, options.clock)

  pages.onError((error, c) => {
    if (!(error instanceof ApiRefusal)) throw error
    if (error.status === 401) {
      const back = c.req.method === 'GET' ? `?return_url=${encodeURIComponent(c.req.path)}` : ''
      c.set('token', undefined)
      return c.redirect(`/login${back}`, 302)
    }
    const text = error.status === 403 ? 'There is no such Application, or you may not see it.' : error.message
    return refuse(c, error.status, text)
  })
  return pages
}

const refuse = (c: PageContext, status: PageStatus, text: string): Response | Promise<Response> =>
  show(
    c,
    {
      title: `${status}`,
      body: html`<h1>${status}</h1><p>${text}</p><p><a href="/applications">All Applications</a></p>`,
    },
    status,
  )
