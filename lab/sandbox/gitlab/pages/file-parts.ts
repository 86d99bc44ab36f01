import { html } from 'hono/html'
import type { Html } from '../../core/pages/document.ts'
import { ago, cut } from '../../core/pages/parts.ts'
import type { pipelineView } from '../ci-views.ts'
import type { TreeEntry } from '../git/repository.ts'
import { type CommitJson, encoded } from './refs.ts'
import { statusBadge } from './status.ts'
import { type ProjectJson, projectUrl } from './view.ts'

/** An entry of a folder, as the API lists it. */
export type TreeRow = Omit<TreeEntry, 'size'>

/** A commit in one box: title, who, when, its pipeline. */
export function commitLine(
  project: ProjectJson,
  commit: CommitJson & { readonly last_pipeline?: ReturnType<typeof pipelineView> | null },
  now: number,
): Html {
  const base = projectUrl(project)
  const last = commit.last_pipeline
  return html`<div class="box row"><div class="grow"><a href="${base}/-/commit/${commit.id}"><strong>${commit.title || '(no message)'}</strong></a>
<div class="soft small">${commit.author_name} authored ${ago(commit.authored_date, now)}</div></div>
${last && statusBadge(last.status, `${base}/-/pipelines/${last.id}`)}
<a class="mono" href="${base}/-/commit/${commit.id}">${commit.short_id}</a></div>`
}

/** The files and folders of a folder. */
export function treeTable(
  project: ProjectJson,
  ref: string,
  path: string,
  rows: readonly TreeRow[],
  total: number,
): Html {
  const to = (kind: string, place: string) => `${projectUrl(project)}/-/${kind}/${encoded(`${ref}/${place}`)}`
  const above = path.split('/').slice(0, -1).join('/')
  const up = path && html`<tr><td><a href="${to('tree', above)}">..</a></td></tr>`
  const kinds = { tree: 'tree', blob: 'blob', commit: undefined }
  const line = ({ name, type, path: place }: TreeRow) => {
    const kind = kinds[type]
    const label = type === 'tree' ? `${name}/` : name
    return html`<tr><td>${kind ? html`<a href="${to(kind, place)}">${label}</a>` : html`${label} <span class="soft">(submodule)</span>`}</td></tr>`
  }
  return html`<table><tbody>${up}${rows.map(line)}</tbody></table>${cut(rows.length, total, 'files and folders')}`
}

/** Longer files are only linked. */
const LIMIT = 512 * 1024

/** What is in a file; a link to it where that is no text or too long. */
export const fileText = (content: Buffer, raw: string, look: 'wrap' | '' = ''): Html =>
  content.includes(0) || content.length > LIMIT
    ? html`<p class="box fill">This file is ${content.includes(0) ? 'not text' : 'too large to be shown'}. <a href="${raw}">Open it raw</a></p>`
    : html`<pre class="${look}">${content.toString('utf8')}</pre>`

/** The way to a place in the repository, each folder a link. */
export function breadcrumbs(project: ProjectJson, ref: string, path: string): Html {
  const parts = path.split('/').filter(Boolean)
  const at = (length: number) => `${projectUrl(project)}/-/tree/${encoded([ref, ...parts.slice(0, length)].join('/'))}`
  const links = parts.map((name, index) =>
    index === parts.length - 1 ? html` / <strong>${name}</strong>` : html` / <a href="${at(index + 1)}">${name}</a>`,
  )
  return html`<p><code>${ref}</code> <a href="${at(0)}">${project.path}</a>${links}</p>`
}
