import { html } from 'hono/html'
import { ApiRefusal, type Ask } from '../../core/pages/api.ts'
import { fieldsOf, ownPath } from '../../core/pages/forms.ts'
import { Client } from './client.ts'
import type { Sessions } from './sessions.ts'
import { type PageContext, type Pages, show } from './view.ts'

/** GitLab's own name for it. */
export const COOKIE = '_gitlab_session'

/** Signing in with a personal access token, and signing out. */
export function registerSignIn(pages: Pages, sessions: Sessions, ask: Ask): void {
  const form = (c: PageContext, returnTo: string, error?: string) =>
    show(
      c,
      {
        title: 'Sign in',
        body: html`<h1>Sign in</h1>
${error && html`<p class="error" role="alert">${error}</p>`}
<form method="post" action="/users/sign_in">
<input type="hidden" name="return_to" value="${returnTo}">
<label for="username">Username</label><input id="username" name="username" value="learner" autocomplete="username">
<label for="password">Personal access token</label><input id="password" name="password" type="password" autocomplete="current-password" autofocus>
<p><button class="main">Sign in</button></p>
</form>
<div class="box fill small"><p>There are no passwords here: the token of your lab is your key. Show it with</p>
<pre>gitops-lab env | grep ' GITLAB_TOKEN='</pre>
<p>Public projects can be read without signing in: <a href="/">all projects</a>.</p></div>`,
      },
      error === undefined ? 200 : 422,
    )

  pages.get('/users/sign_in', (c) => form(c, ownPath(c.req.query('return_to'), '/')))

  pages.post('/users/sign_in', async (c) => {
    const { username = '', password = '', return_to } = await fieldsOf(c)
    const client = new Client(ask, password.trim() || 'none')
    const back = ownPath(return_to, '/')
    try {
      // Reading projects wants the scopes that all pages need.
      await client.list('/projects?per_page=1')
      const user = await client.get<{ username: string }>('/user')
      if (user.username.toLowerCase() !== username.trim().toLowerCase()) throw new ApiRefusal(401, '401 Unauthorized')
      const session = sessions.start(user.username, password.trim())
      c.header('Set-Cookie', `${COOKIE}=${session.id}; Path=/; HttpOnly; SameSite=Strict`)
      return c.redirect(back, 303)
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error
      if (error.status === 403) return form(c, back, 'This token may not read projects: use one with the scope api.')
      const why = error.message.startsWith('401') ? 'Invalid username or token.' : error.message
      return form(c, back, `${why} Expected is the token that GITLAB_TOKEN holds.`)
    }
  })

  pages.post('/users/sign_out', (c) => {
    sessions.end(c.get('session')?.id ?? '')
    c.header('Set-Cookie', `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
    return c.redirect('/users/sign_in', 303)
  })
}
