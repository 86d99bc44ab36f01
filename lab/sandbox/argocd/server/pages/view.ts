import type { Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Html, type PageStatus, sendDocument } from '../../../core/pages/document.ts'
import { formToken } from '../../../core/pages/forms.ts'
import { LIVE } from '../../../core/pages/live.ts'
import { badge, pathOf, type Tone } from '../../../core/pages/parts.ts'
import type { Application, HealthStatusCode, OperationPhase, SyncStatusCode } from '../../application.ts'
import type { Client } from './client.ts'

export type PageEnv = { Variables: { client: Client; token: string | undefined } }
export type Pages = Hono<PageEnv>
export type PageContext = Context<PageEnv>

export const COOKIE = 'argocd.token'

const ACCENT = '#8a3413'

export type Content = {
  readonly title: string
  readonly body: Html
  /** What changes by itself, and the stream of events that tells when. */
  readonly live?: { readonly body: Html; readonly events: string }
}

/** The hidden field that says that a form is of a page of ours. */
export const formField = (c: PageContext): Html =>
  html`<input type="hidden" name="form" value="${formToken(c.get('token') ?? '')}">`

/** Answers with a page of Argo CD. */
export function show(c: PageContext, content: Content, status?: PageStatus): Response | Promise<Response> {
  const { title, live } = content
  const user = c.get('token')
    ? html`<a href="/applications">Applications</a><a href="/settings/repos">Repositories</a><span class="grow"></span>
<form class="inline" method="post" action="/logout">${formField(c)}<button>Log out</button></form>`
    : html`<span class="grow"></span>`
  const body = html`<header class="bar"><a class="brand" href="/applications">Argo CD</a><span class="note">the sandbox of gitops-lab</span>${user}</header>
<main>${content.body}${live && html`<section id="live" data-events="${live.events}">${live.body}</section>`}</main>`
  const parts = { title: `${title} · Argo CD`, accent: ACCENT, body }
  return sendDocument(c, live ? { ...parts, script: LIVE } : parts, status)
}

const SYNC: Readonly<Record<SyncStatusCode, Tone>> = { Synced: 'ok', OutOfSync: 'wait', Unknown: 'off' }
const HEALTH: Readonly<Record<HealthStatusCode, Tone>> = {
  Healthy: 'ok',
  Progressing: 'run',
  Degraded: 'bad',
  Suspended: 'off',
  Missing: 'wait',
  Unknown: 'off',
}
const PHASE: Readonly<Record<OperationPhase, Tone>> = {
  Running: 'run',
  Terminating: 'run',
  Failed: 'bad',
  Error: 'bad',
  Succeeded: 'ok',
}

export const syncBadge = (status: SyncStatusCode | '' | undefined): Html =>
  status ? badge(SYNC[status] ?? 'off', status) : badge('off', 'not compared yet')

export const healthBadge = (status: HealthStatusCode | undefined): Html | '' =>
  status ? badge(HEALTH[status] ?? 'off', status) : ''

export const phaseBadge = (phase: OperationPhase): Html => badge(PHASE[phase] ?? 'off', phase)

export const applicationUrl = ({ metadata }: Application): string =>
  `/applications/${pathOf(metadata.namespace ?? '', metadata.name)}`

/** A revision as people read it: eight characters of a commit, all of anything else. */
export const shortRevision = (revision: string | undefined): string =>
  revision && /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 8) : (revision ?? '')
