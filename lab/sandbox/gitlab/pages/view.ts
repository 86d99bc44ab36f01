import type { Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Document, type Html, type PageStatus, sendDocument } from '../../core/pages/document.ts'
import { formToken } from '../../core/pages/forms.ts'
import { LIVE } from '../../core/pages/live.ts'
import { pathOf } from '../../core/pages/parts.ts'
import type { projectView } from '../views.ts'
import type { Client } from './client.ts'
import type { Session } from './sessions.ts'

export type ProjectJson = Awaited<ReturnType<typeof projectView>>

export type PageEnv = { Variables: { client: Client; session: Session | undefined } }
export type Pages = Hono<PageEnv>
export type PageContext = Context<PageEnv>

export type Content = {
  readonly title: string
  readonly body: Html
  readonly script?: string
  readonly refresh?: number
}

const ACCENT = '#4a3a8c'

/** The hidden field that says that a form is of a page of ours. */
export function formField(c: PageContext): Html {
  const session = c.get('session')
  return session ? html`<input type="hidden" name="authenticity_token" value="${formToken(session.id)}">` : html``
}

/** A button that does something, for who is signed in. */
export const action = (c: PageContext, path: string, label: string): Html =>
  c.get('session')
    ? html`<form class="inline" method="post" action="${path}">${formField(c)}<button>${label}</button></form>`
    : html``

/** Answers with a page of GitLab. */
export function show(c: PageContext, content: Content, status?: PageStatus): Response | Promise<Response> {
  const session = c.get('session')
  const user = session
    ? html`<a href="/${session.username}">${session.username}</a>
      <form class="inline" method="post" action="/users/sign_out">${formField(c)}<button>Sign out</button></form>`
    : html`<a href="/users/sign_in">Sign in</a>`
  const document: Document = {
    ...content,
    title: `${content.title} · GitLab`,
    accent: ACCENT,
    body: html`<header class="bar"><a class="brand" href="/">GitLab</a><span class="note">the sandbox of gitops-lab</span><span class="grow"></span>${user}</header>
<main>${content.body}</main>`,
  }
  return sendDocument(c, document, status)
}

const TABS = [
  ['Project', ''],
  ['Commits', '/-/commits'],
  ['Pipelines', '/-/pipelines'],
  ['Jobs', '/-/jobs'],
  ['Container registry', '/container_registry'],
] as const

export type Tab = (typeof TABS)[number][0]

/** Where a project's pages are. */
export const projectUrl = (project: ProjectJson): string => `/${pathOf(...project.path_with_namespace.split('/'))}`

/** Answers with a page of a project. `live` is what changes by itself; it is asked for again `every` so many milliseconds. */
export function showProject(
  c: PageContext,
  project: ProjectJson,
  tab: Tab,
  content: Content & { readonly live?: Html; readonly every?: number },
): Response | Promise<Response> {
  const base = projectUrl(project)
  const [owner = ''] = project.path_with_namespace.split('/')
  const { live, every } = content
  const section = live && html`<section id="live"${every ? html` data-every="${every}"` : ''}>${live}</section>`
  const body = html`<p class="small"><a href="/${owner}">${project.namespace.name}</a> / <a href="${base}">${project.name}</a></p>
<nav class="tabs" aria-label="Project">${TABS.map(
    ([name, path]) => html`<a href="${base}${path}"${name === tab ? html` aria-current="page"` : ''}>${name}</a>`,
  )}</nav>
${content.body}${section}`
  return show(c, {
    ...content,
    title: `${content.title} · ${project.name_with_namespace}`,
    body,
    ...(every ? { script: LIVE, refresh: 5 } : {}),
  })
}
