import { html } from 'hono/html'
import type { Clock } from '../../../core/clock.ts'
import type { Html } from '../../../core/pages/document.ts'
import { ago, patch } from '../../../core/pages/parts.ts'
import { writeDocument } from '../../../core/yaml.ts'
import { type Application, isAutomated, isCompleted, type Operation, sourcesOf } from '../../application.ts'
import type { ManagedResourceItem } from '../../controller/tree.ts'
import { unifiedDiff } from './line-diff.ts'
import { keyOf } from './tree.ts'
import {
  applicationUrl,
  formField,
  healthBadge,
  type PageContext,
  phaseBadge,
  shortRevision,
  syncBadge,
} from './view.ts'

/** What is known of a commit. */
export type RevisionMetadata = { readonly author?: string; readonly date?: string; readonly message?: string }

/** A form of one button that does something to an Application, or to an entry of its history. */
export const button = (c: PageContext, app: Application, action: string, label: string, id?: number): Html =>
  html`<form class="inline" method="post" action="${applicationUrl(app)}">${formField(c)}${id !== undefined && html`<input type="hidden" name="id" value="${id}">`}
<button name="action" value="${action}">${label}</button></form>`

/** Status, source, destination and policy. */
export function facts(app: Application, metadata: RevisionMetadata | undefined, clock: Clock): Html {
  const { spec, status } = app
  const { destination } = spec
  const sources = sourcesOf(spec).map(
    ({ repoURL, path, targetRevision }) =>
      html`<dt>Source</dt><dd>${repoURL}, path <code>${path}</code>, target revision <code>${targetRevision || 'HEAD'}</code></dd>`,
  )
  const revision = status?.sync?.revision
  const commit =
    revision &&
    html`to <code title="${revision}">${shortRevision(revision)}</code>
${metadata && html`<span class="soft">${metadata.message?.split('\n')[0]} (${metadata.author?.replace(/ <.*/, '')}, ${ago(metadata.date, clock.now())})</span>`}`
  return html`<dl><dt>App health</dt><dd>${healthBadge(status?.health?.status) || 'not known yet'}</dd>
<dt>Sync status</dt><dd>${syncBadge(status?.sync?.status)} ${commit}</dd>
<dt>Sync policy</dt><dd>${policyOf(app)}</dd>${sources}
<dt>Destination</dt><dd>${destination.name || destination.server}, namespace <code>${destination.namespace}</code></dd>
<dt>Project</dt><dd>${spec.project || 'default'}</dd>
<dt>Images</dt><dd class="mono">${status?.summary?.images?.join(', ') || 'none'}</dd>
<dt>Last compared</dt><dd>${ago(status?.reconciledAt, clock.now())}</dd></dl>`
}

function policyOf({ spec }: Application): string {
  if (!isAutomated(spec)) return 'Manual'
  const { prune, selfHeal } = spec.syncPolicy?.automated ?? {}
  return `Automated, prune ${prune ? 'on' : 'off'}, self-heal ${selfHeal ? 'on' : 'off'}`
}

/** What the controller complains of. */
export const conditions = ({ status }: Application, clock: Clock): Html =>
  html`${(status?.conditions ?? []).map(
    ({ type, message, lastTransitionTime }) =>
      html`<div class="error"><strong>${type}</strong> ${ago(lastTransitionTime, clock.now())}<br>${message}</div>`,
  )}`

/** For each resource that is out of sync: what a sync would change. */
export function differences({ status }: Application, items: readonly ManagedResourceItem[]): Html {
  const outOfSync = new Set((status?.resources ?? []).filter(({ status }) => status === 'OutOfSync').map(keyOf))
  const shown = items.filter((item) => outOfSync.has(keyOf(item)))
  if (shown.length === 0)
    return html`<p class="soft">${status?.sync?.status === 'Synced' ? 'There is none.' : 'None is known.'}</p>`
  const yaml = (json: string) => (json === 'null' ? '' : writeDocument(JSON.parse(json)))
  return html`<p class="soft small">Lines with − are in the cluster, lines with + are what Git wants.</p>${shown.map(
    (item) => {
      const diff = unifiedDiff(yaml(item.normalizedLiveState), yaml(item.predictedLiveState))
      return html`<details open id="diff-${keyOf(item)}"><summary><span class="soft">${item.kind}</span> <strong>${item.name}</strong></summary>${diff ? patch(diff) : html`<p class="soft">No line differs.</p>`}</details>`
    },
  )}`
}

/** The operation that goes on or was the last, with the result of each resource. */
export function lastOperation(c: PageContext, app: Application, clock: Clock): Html {
  const state = app.status?.operationState
  if (!state) return html`<p class="soft">${app.operation ? 'It is about to begin.' : 'Nothing was synced yet.'}</p>`
  const results = state.syncResult?.resources ?? []
  const when = ago(state.finishedAt ?? state.startedAt, clock.now())
  return html`<p>${phaseBadge(state.phase)} to <code>${shortRevision(state.syncResult?.revision ?? state.operation.sync?.revision)}</code> by ${initiator(state.operation.initiatedBy)} ${when}
${!isCompleted(state.phase) && button(c, app, 'terminate', 'Terminate')}</p>
${state.message && html`<p>${state.message}</p>`}
${
  results.length > 0 &&
  html`<div class="scroll"><table><thead><tr><th>Kind</th><th>Name</th><th>Result</th><th>Message</th></tr></thead><tbody>${results.map(
    ({ kind, namespace, name, status, hookPhase, message }) =>
      html`<tr><td>${kind}</td><td>${namespace && `${namespace}/`}${name}</td><td>${status ?? hookPhase}</td><td>${message}</td></tr>`,
  )}</tbody></table></div>`
}`
}

const initiator = (by: Operation['initiatedBy']): string =>
  by?.automated ? 'automated sync' : by?.username || 'unknown'

/** What was deployed, the newest first; what is not the newest can be rolled back to. */
export function history(c: PageContext, app: Application, clock: Clock): Html {
  const entries = [...(app.status?.history ?? [])].reverse()
  if (entries.length === 0) return html`<p class="soft">Nothing was deployed yet.</p>`
  return html`<div class="scroll"><table><thead><tr><th>ID</th><th>Revision</th><th>Deployed</th><th>By</th><th></th></tr></thead><tbody>${entries.map(
    (entry, at) =>
      html`<tr><td class="tight">${entry.id}</td><td class="mono">${shortRevision(entry.revision) || entry.revisions?.map(shortRevision).join(', ')}</td>
<td>${ago(entry.deployedAt, clock.now())}</td><td>${initiator(entry.initiatedBy)}</td><td class="tight">${at > 0 && button(c, app, 'rollback', 'Rollback', entry.id)}</td></tr>`,
  )}</tbody></table></div>`
}
