const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hr: 3600,
  hrs: 3600,
  hour: 3600,
  hours: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
}

/** Milliseconds of a duration as `timeout:` and `start_in:` write it (`1h 30m`, `90 minutes`, `600`); undefined if it is none. */
export function parseDuration(text: string | number): number | undefined {
  const words = String(text)
    .trim()
    .toLowerCase()
    .replaceAll(/\band\b|,/g, ' ')
  if (/^\d+$/.test(words)) return Number(words) * 1000
  const parts = [...words.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/g)]
  if (
    parts.length === 0 ||
    parts
      .map(([part]) => part)
      .join('')
      .trim() !== words.trim()
  )
    return undefined
  let seconds = 0
  for (const [, amount, unit] of parts) {
    const factor = UNITS[unit as string]
    if (factor === undefined) return undefined
    seconds += Number(amount) * factor
  }
  return seconds * 1000
}
