import { createHash, randomInt } from 'node:crypto'

/** The characters of generated names: no vowels and nothing that looks like another, as Kubernetes has it. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** Five characters at random, as the API server adds to a generateName. */
export const suffix = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** Ten characters that depend on `value` only, for the names of what is made from a template. */
export function hashSuffix(value: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(value)).digest()
  return [...digest.subarray(0, 10)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
}
