import { html } from 'hono/html'
import type { Html } from './document.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** A moment as `3 minutes ago`, with the exact time behind it. */
export function ago(iso: string | null | undefined, now: number): Html {
  if (!iso || Number.isNaN(Date.parse(iso))) return html``
  const seconds = Math.max(0, Math.floor((now - Date.parse(iso)) / 1000))
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ['second', 1]
  const count = Math.floor(seconds / size)
  const words = seconds === 0 ? 'just now' : `${count} ${unit}${count === 1 ? '' : 's'} ago`
  return html`<time datetime="${iso}" title="${iso}">${words}</time>`
}

/** Seconds as `1m 05s`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return ''
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`
}

export type Tone = 'ok' | 'bad' | 'run' | 'wait' | 'off'

export const badge = (tone: Tone, text: string): Html => html`<span class="badge ${tone}">${text}</span>`

/** Bytes as `1.5 KiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const steps = Math.min(3, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** steps).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][steps]}`
}

/** Says that a list is not shown to its end. */
export const cut = (shown: number, total: number, what: string): Html =>
  shown < total ? html`<p class="soft">Shown are ${shown} of ${total} ${what}.</p>` : html``

/** The hunks of a unified diff, line by line. */
export function patch(text: string): Html {
  const tone = (line: string) =>
    line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : line.startsWith('@@') ? 'at' : ''
  const lines = text.replace(/\n$/, '').split('\n')
  return html`<pre class="diff">${lines.map((line) => html`<span class="${tone(line)}">${line || ' '}</span>`)}</pre>`
}

/** A path of names, each encoded. */
export const pathOf = (...names: readonly string[]): string => names.map(encodeURIComponent).join('/')
