import type { Clock } from '../../core/clock.ts'

export type LogFields = Readonly<Record<string, unknown>>

/** The JSON lines of Flux's controllers. */
export type Log = {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  error(message: string, error: string, fields?: LogFields): void
  /** A log whose lines carry more fields. */
  with(fields: LogFields): Log
}

export function createLog(
  write: (line: string) => void,
  clock: Clock,
  options: { readonly debug?: boolean; readonly fields?: LogFields } = {},
): Log {
  const line = (level: string, message: string, fields: LogFields) =>
    write(
      JSON.stringify({ level, ts: new Date(clock.now()).toISOString(), msg: message, ...options.fields, ...fields }),
    )
  return {
    debug: (message, fields = {}) => {
      if (options.debug) line('debug', message, fields)
    },
    info: (message, fields = {}) => line('info', message, fields),
    error: (message, error, fields = {}) => line('error', message, { error, ...fields }),
    with: (fields) => createLog(write, clock, { ...options, fields: { ...options.fields, ...fields } }),
  }
}
