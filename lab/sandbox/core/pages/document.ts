import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { STYLE } from './style.ts'

/** HTML in which all that came from elsewhere is escaped. */
export type Html = ReturnType<typeof html>

export type Document = {
  readonly title: string
  /** Colour of the bar on top. */
  readonly accent: string
  readonly body: Html
  /** Code of ours that the page runs; pages can be read without it. */
  readonly script?: string
  /** Seconds after which a browser without JavaScript asks again. */
  readonly refresh?: number
}

export type PageStatus = ContentfulStatusCode

/** Answers with a page that loads nothing from elsewhere and runs no script but its own. */
export function sendDocument(c: Context, page: Document, status: PageStatus = 200): Response | Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  c.header('Content-Security-Policy', policy.join('; '))
  c.header('X-Content-Type-Options', 'nosniff')
  // With `no-referrer` browsers send `Origin: null` with forms, and it could not be told where they come from.
  c.header('Referrer-Policy', 'same-origin')
  c.header('Cache-Control', 'no-store')
  const { refresh, script } = page
  return c.html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${page.title}</title>
${refresh && html`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>`}
<style nonce="${nonce}">:root { --accent: ${page.accent} }${raw(STYLE)}</style>
</head>
<body>
${page.body}
${script && html`<script nonce="${nonce}">${raw(script)}</script>`}
</body>
</html>
`,
    status,
  )
}
