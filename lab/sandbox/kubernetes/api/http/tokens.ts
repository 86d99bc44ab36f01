import { createPublicKey, type KeyObject, randomUUID, sign, timingSafeEqual, verify } from 'node:crypto'
import type { KubeObject } from '../../types.ts'

export type User = {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid?: string
}

export const ADMIN: User = { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] }
export const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

const ISSUER = 'https://kubernetes.default.svc.cluster.local'

type Claims = {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly iss: string
  readonly nbf: number
  readonly jti: string
  readonly sub: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: { readonly name: string; readonly uid: string }
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Tokens of the administrator and of service accounts (JWT, ES256). */
export class Tokens {
  readonly issuer = ISSUER
  private readonly publicKey: KeyObject

  constructor(
    private readonly adminToken: string,
    private readonly key: KeyObject,
    private readonly now: () => number,
    private readonly account: (namespace: string, name: string) => KubeObject | undefined,
  ) {
    this.publicKey = createPublicKey(key)
  }

  /** A token of a service account for the API server, or for other audiences. */
  issue(
    namespace: string,
    name: string,
    uid: string,
    seconds: number,
    audiences: readonly string[] = [ISSUER],
  ): string {
    const iat = Math.floor(this.now() / 1000)
    const claims: Claims = {
      aud: audiences,
      exp: iat + seconds,
      iat,
      iss: ISSUER,
      jti: randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      nbf: iat,
      sub: `system:serviceaccount:${namespace}:${name}`,
    }
    const content = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(content), { key: this.key, dsaEncoding: 'ieee-p1363' })
    return `${content}.${signature.toString('base64url')}`
  }

  /** Whose token it is; undefined when it is nobody's, has expired, or its service account is gone. */
  userOf(token: string): User | undefined {
    const given = Buffer.from(token)
    const admin = Buffer.from(this.adminToken)
    if (given.length === admin.length && timingSafeEqual(given, admin)) return ADMIN
    const claims = this.verified(token)
    if (!claims) return undefined
    const { namespace, serviceaccount } = claims['kubernetes.io']
    if (this.account(namespace, serviceaccount.name)?.metadata.uid !== serviceaccount.uid) return undefined
    return {
      name: claims.sub,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    }
  }

  private verified(token: string): Claims | undefined {
    const [header, payload, signature] = token.split('.')
    if (!header || !payload || !signature) return undefined
    const key = { key: this.publicKey, dsaEncoding: 'ieee-p1363' } as const
    if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
      return undefined
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
    return claims.exp * 1000 > this.now() && claims.aud.includes(ISSUER) ? claims : undefined
  }
}
