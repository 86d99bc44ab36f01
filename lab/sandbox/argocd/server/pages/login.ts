import { html } from 'hono/html'
import { ApiRefusal } from '../../../core/pages/api.ts'
import { fieldsOf, ownPath } from '../../../core/pages/forms.ts'
import { COOKIE, type PageContext, type Pages, show } from './view.ts'

/** Logging in as `admin`, and out. */
export function registerLogin(pages: Pages): void {
  const form = (c: PageContext, back: string, error?: string) => {
    const body = html`<h1>Log in</h1>${error && html`<p class="error" role="alert">${error}</p>`}
<form method="post" action="/login"><input type="hidden" name="return_url" value="${back}">
<label for="username">Username</label><input id="username" name="username" value="admin" autocomplete="username">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" autofocus>
<p><button class="main">Sign in</button></p></form>
<div class="box fill small"><p>The first password of <code>admin</code> is in a Secret. Show it with</p>
<pre>kubectl get secret argocd-initial-admin-secret --namespace argocd --output jsonpath='{.data.password}' | base64 --decode</pre></div>`
    return show(c, { title: 'Log in', body }, error === undefined ? 200 : 401)
  }

  pages.get('/login', (c) => form(c, ownPath(c.req.query('return_url'), '/applications')))

  pages.post('/login', async (c) => {
    const { username = '', password = '', return_url } = await fieldsOf(c)
    const back = ownPath(return_url, '/applications')
    try {
      const session = { username: username.trim(), password }
      const answer = await c.get('client').send('POST', '/session', session)
      c.header('set-cookie', answer.headers.get('set-cookie') ?? '')
      return c.redirect(back, 303)
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error
      return form(c, back, error.message)
    }
  })

  pages.post('/logout', async (c) => {
    await c.get('client').send('DELETE', '/session')
    c.header('set-cookie', `${COOKIE}=; path=/; SameSite=lax; httpOnly; max-age=0`)
    return c.redirect('/login', 303)
  })
}
