import { html } from 'hono/html'
import type { Html } from '../../core/pages/document.ts'
import { badge, type Tone } from '../../core/pages/parts.ts'
import type { JobStatus, PipelineStatus } from '../entities.ts'
import { isFinished } from '../pipelines/status.ts'

const TONES: Readonly<Record<PipelineStatus, Tone>> = {
  created: 'off',
  waiting_for_resource: 'wait',
  preparing: 'wait',
  pending: 'wait',
  running: 'run',
  success: 'ok',
  failed: 'bad',
  canceled: 'off',
  skipped: 'off',
  manual: 'off',
  scheduled: 'wait',
}

/** A status in the word that GitLab's pages have for it. */
export const statusBadge = (status: PipelineStatus, url?: string): Html => {
  const shown = badge(TONES[status], status === 'success' ? 'passed' : status.replaceAll('_', ' '))
  return url ? html`<a href="${url}">${shown}</a>` : shown
}

/** Whether nothing but a user's doing will change it. */
export const isAtRest = (status: PipelineStatus | JobStatus): boolean => isFinished(status) || status === 'manual'

/** How often a list is asked for again, in milliseconds: more often while something runs. */
export const paceOf = (rows: readonly { readonly status: PipelineStatus | JobStatus }[]): number =>
  rows.every(({ status }) => isAtRest(status)) ? 3000 : 1000
