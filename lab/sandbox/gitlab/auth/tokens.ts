import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const random = (length: number): string => {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % ALPHABET.length]
    }
  }
  return text
}

/** A new token with the prefix that GitLab gives its kind, which secret scanners know. */
export const newToken = (kind: 'glpat' | 'gldt' | 'glcbt'): string => `${kind}-${random(20)}`

/** What is stored of a token. */
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex')
