import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

/** One grant of a token: `{ type: 'repository', name: 'learner/app', actions: ['pull', 'push'] }`. */
export type Access = { readonly type: 'repository'; readonly name: string; readonly actions: readonly string[] }

export const SERVICE = 'container_registry'
/** Seconds, as on gitlab.com. */
const LIFE = 900

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const signatureOf = (input: string, secret: string): Buffer => createHmac('sha256', secret).update(input).digest()

/** A token (JWT, HS256) that lets `subject` do what `access` says, for 15 minutes from `now` (milliseconds). */
export function signToken(secret: string, access: readonly Access[], subject: string, now: number): string {
  const iat = Math.floor(now / 1000)
  const claims = {
    iss: 'gitlab-issuer',
    aud: SERVICE,
    sub: subject,
    jti: randomUUID(),
    iat,
    nbf: iat - 5,
    exp: iat + LIFE,
    access,
  }
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${signatureOf(input, secret).toString('base64url')}`
}

/** What a token grants at `now`; undefined if it is forged, expired or meant for another service. */
export function verifyToken(secret: string, token: string, now: number): readonly Access[] | undefined {
  const [header, payload, signature, ...rest] = token.split('.')
  if (!header || !payload || !signature || rest.length > 0) return undefined
  const expected = signatureOf(`${header}.${payload}`, secret)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  const seconds = now / 1000
  if (alg !== 'HS256' || claims.aud !== SERVICE || claims.nbf > seconds || claims.exp <= seconds) return undefined
  return claims.access
}
