import { createHash } from 'node:crypto'

/** The digest of some bytes, as OCI writes it: `sha256:<hex>`. */
export const digestOf = (bytes: Buffer | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Whether a text is a digest that this registry can check. OCI also knows sha512, which no client of ours uses. */
export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text)

export const hexOf = (digest: string): string => digest.slice('sha256:'.length)
