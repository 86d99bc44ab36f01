import { randomBytes, randomInt, scryptSync, timingSafeEqual } from 'node:crypto'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-'

/** A random password as long as those that Argo CD makes for `admin`. */
export const newPassword = (): string => Array.from({ length: 16 }, () => LETTERS[randomInt(LETTERS.length)]).join('')

/** `scrypt$<salt>$<hash>`: the sandbox's form, where Argo CD keeps a bcrypt hash. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16).toString('base64url')
  return `scrypt$${salt}$${derive(password, salt).toString('base64url')}`
}

/** False also for hashes of another form. */
export function verifyPassword(password: string, stored: string): boolean {
  const [form, salt, hash] = stored.split('$')
  if (form !== 'scrypt' || !salt || !hash) return false
  const [expected, actual] = [Buffer.from(hash, 'base64url'), derive(password, salt)]
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

const derive = (password: string, salt: string): Buffer => scryptSync(password, salt, 32, { N: 4096 })
