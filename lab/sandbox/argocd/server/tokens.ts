import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

export type Claims = { iss: string; sub: string; exp: number; iat: number; nbf: number; jti: string }

const LIFETIME = 24 * 3600

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const sign = (text: string, key: string): string => createHmac('sha256', key).update(text).digest('base64url')

/** A JSON Web Token (HS256) for a login of `admin`, good for a day. `now` in milliseconds. */
export function issueToken(key: string, now: number): string {
  const at = Math.floor(now / 1000)
  const claims: Claims = { iss: 'argocd', sub: 'admin:login', exp: at + LIFETIME, nbf: at, iat: at, jti: randomUUID() }
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${body}.${sign(body, key)}`
}

/** The claims of a token that this key signed, that is in force, and no older than the password; else undefined. */
export function readToken(token: string, key: string, now: number, passwordChangedAt: number): Claims | undefined {
  const [header, payload, signature] = token.split('.')
  if (!header || !payload || !signature) return undefined
  const [expected, actual] = [Buffer.from(sign(`${header}.${payload}`, key)), Buffer.from(signature)]
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return undefined
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims
    const at = Math.floor(now / 1000)
    return claims.exp > at && claims.nbf <= at && claims.iat >= Math.floor(passwordChangedAt / 1000)
      ? claims
      : undefined
  } catch {
    return undefined
  }
}
