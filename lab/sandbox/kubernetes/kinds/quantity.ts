const FORM = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/

/** What the server says of a quantity that it cannot read. */
export const QUANTITY_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const SUFFIX = new Map(Object.entries(DECIMAL).map(([suffix, power]) => [power, suffix]))
const NANO = 1_000_000_000n

type Format = 'decimal' | 'binary' | 'exponent'
type Quantity = { readonly nanos: bigint; readonly format: Format }

function parse(text: string): Quantity | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [, sign, digits = '', suffix = ''] = match
  const [whole = '', fraction = ''] = digits.split('.')
  const format = suffix.endsWith('i') ? 'binary' : /^[eE][+-]?\d/.test(suffix) ? 'exponent' : 'decimal'
  const power = format === 'exponent' ? Number(suffix.slice(1)) : format === 'decimal' ? (DECIMAL[suffix] ?? 0) : 0
  const factor = format === 'binary' ? 1024n ** BigInt(BINARY.indexOf(suffix)) : 1n
  // Exactly: digits × 10^(power + 9 − length of the fraction), rounded up to nanos as the API does.
  const exponent = power + 9 - fraction.length
  const value = BigInt(`${whole}${fraction}` || '0') * factor
  const nanos = exponent >= 0 ? value * 10n ** BigInt(exponent) : ceil(value, 10n ** BigInt(-exponent))
  return { nanos: sign === '-' ? -nanos : nanos, format }
}

const ceil = (value: bigint, by: bigint): bigint => (value % by === 0n ? value / by : value / by + 1n)

export const isQuantity = (text: string): boolean => FORM.test(text)

/** The amount in billionths, `undefined` if the text is no quantity. */
export const nanosOf = (text: string): bigint | undefined => parse(text)?.nanos

/** -1, 0 or 1. Texts that are no quantity count as zero. */
export function compareQuantities(a: string, b: string): number {
  const difference = (nanosOf(a) ?? 0n) - (nanosOf(b) ?? 0n)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The text that the API gives for an amount: `0.1` → `100m`, `1024Mi` → `1Gi`, `1500` → `1500`. */
export function canonicalQuantity(text: string): string {
  const quantity = parse(text)
  if (!quantity) return text
  const { nanos, format } = quantity
  if (nanos === 0n) return '0'
  const magnitude = nanos < 0n ? -nanos : nanos
  const sign = nanos < 0n ? '-' : ''
  if (format === 'binary' && magnitude % NANO === 0n && magnitude / NANO >= 1024n) {
    let amount = magnitude / NANO
    let step = 0
    while (step < BINARY.length - 1 && amount % 1024n === 0n) {
      amount /= 1024n
      step += 1
    }
    return `${sign}${amount}${BINARY[step]}`
  }
  let amount = magnitude
  let power = -9
  while (power < 18 && amount % 1000n === 0n) {
    amount /= 1000n
    power += 3
  }
  const suffix = format === 'exponent' && power !== 0 ? `e${power}` : SUFFIX.get(power)
  return `${sign}${amount}${suffix}`
}

/** The sum as a quantity, in the format of the first. */
export function addQuantities(a: string, b: string): string {
  const first = parse(a)
  const second = parse(b)
  if (!first || !second) return a
  const format = first.nanos === 0n ? second.format : first.format
  const nanos = first.nanos + second.nanos
  const exact = nanos % NANO === 0n
  const text = exact ? `${nanos / NANO}` : `${nanos}n`
  return canonicalQuantity(exact && format === 'binary' ? withBinarySuffix(nanos / NANO) : text)
}

const withBinarySuffix = (amount: bigint): string => (amount % 1024n === 0n ? `${amount / 1024n}Ki` : `${amount}`)
