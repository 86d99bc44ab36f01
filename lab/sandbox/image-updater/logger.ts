import { timestamp } from '../core/kube-objects.ts'

export type Level = 'trace' | 'debug' | 'info' | 'warning' | 'error'
export type Fields = Readonly<Record<string, string | number | boolean>>

const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warning', 'error']

/** Lines as the real program writes them: `time="…" level=info msg="…" application=web`. */
export type Logger = {
  log(level: Level, message: string, fields?: Fields): void
  /** The same with fields that go into every line. */
  with(fields: Fields): Logger
}

/** @param least lines of lower levels are left out */
export function createLogger(print: (line: string) => void, now: () => number, least: Level, own: Fields = {}): Logger {
  return {
    log(level, message, fields = {}) {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return
      const time = timestamp(now())
      const all = Object.entries({ ...own, ...fields }).sort(([a], [b]) => (a < b ? -1 : 1))
      const rest = all.map(([name, value]) => ` ${name}=${quoted(String(value))}`).join('')
      print(`time="${time}" level=${level} msg=${quoted(message)}${rest}`)
    },
    with: (fields) => createLogger(print, now, least, { ...own, ...fields }),
  }
}

/** logrus leaves these characters unquoted. */
const quoted = (text: string): string => (/^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text))

export const levelOf = (text: string | undefined): Level => {
  const level = text?.toLowerCase() === 'warn' ? 'warning' : text?.toLowerCase()
  return LEVELS.find((known) => known === level) ?? 'info'
}
