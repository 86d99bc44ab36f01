type Bounds = { readonly min: number; readonly max: number; readonly names?: readonly string[] }

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/** What is wrong with the schedule of a CronJob, `undefined` if it can be read. */
export function scheduleError(schedule: string): string | undefined {
  const text = schedule.replace(/^(?:CRON_)?TZ=\S+\s+/, '')
  if (text.startsWith('@')) {
    if (DESCRIPTORS.includes(text) || /^@every \d/.test(text)) return undefined
    return `unrecognized descriptor: ${text}`
  }
  const fields = text.split(/\s+/).filter(Boolean)
  if (fields.length !== 5) {
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  }
  for (const [at, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const problem = rangeError(part, FIELDS[at] as Bounds)
      if (problem) return problem
    }
  }
  return undefined
}

function rangeError(text: string, bounds: Bounds): string | undefined {
  const [range = '', step, ...more] = text.split('/')
  const [low = '', high, ...rest] = range.split('-')
  if (rest.length > 0) return `too many hyphens: ${text}`
  if (more.length > 0) return `too many slashes: ${text}`
  const wild = low === '*' || low === '?'
  const start = wild ? bounds.min : numberOf(low, bounds)
  if (typeof start === 'string') return start
  const end = wild
    ? bounds.max
    : high === undefined
      ? step === undefined
        ? start
        : bounds.max
      : numberOf(high, bounds)
  if (typeof end === 'string') return end
  const by = step === undefined ? 1 : numberOf(step, { min: 0, max: 0 })
  if (typeof by === 'string') return by
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${text}`
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${text}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`
  return by === 0 ? `step of range should be a positive number: ${text}` : undefined
}

/** The number, or what is wrong with it. */
function numberOf(text: string, { names, min }: Bounds): number | string {
  const at = names?.indexOf(text.toLowerCase()) ?? -1
  if (at >= 0) return at + min
  if (/^\d+$/.test(text)) return Number(text)
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
