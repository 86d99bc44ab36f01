const DECIMAL: Readonly<Record<string, number>> = { n: -3, u: -2, m: -1, '': 0, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 }
const BINARY: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }

/** A resource quantity in the form the API server stores (`1000m` → `1`, `1024Mi` → `1Gi`); other text as it is. */
export function canonicalQuantity(value: unknown): unknown {
  if (typeof value === 'number') return canonicalQuantity(String(value))
  if (typeof value !== 'string') return value
  const match = /^([+-]?)(\d+)(?:\.(\d*))?([KMGTPE]i|[numkMGTPE]|)$/.exec(value)
  if (!match) return value
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  const prefix = sign === '-' ? '-' : ''
  if (suffix in BINARY) {
    if (fraction !== '' && Number(fraction) !== 0) return value
    return prefix + scale(BigInt(whole), 1024n, BINARY[suffix] as number, BINARY)
  }
  const nanos = BigInt(whole + fraction.padEnd(9, '0').slice(0, 9)) * 10n ** BigInt(3 * ((DECIMAL[suffix] ?? 0) + 3))
  const reduced = nanos / 10n ** 9n
  return prefix + scale(reduced, 1000n, -3, DECIMAL)
}

function scale(amount: bigint, base: bigint, power: number, names: Readonly<Record<string, number>>): string {
  if (amount === 0n) return '0'
  const highest = Math.max(...Object.values(names))
  let [rest, at] = [amount, power]
  while (rest % base === 0n && at < highest) {
    rest /= base
    at++
  }
  const name = Object.entries(names).find(([, exponent]) => exponent === at)?.[0] ?? ''
  return `${rest}${name}`
}
