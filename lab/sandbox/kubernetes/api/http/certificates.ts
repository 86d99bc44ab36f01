import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bits, explicit, generalName, integer, octets, oid, sequence, set, text, time, yes } from './der.ts'

/** Names under which the API server can be reached, inside and outside. */
const NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  '10.96.0.1',
]

const YEAR = 365 * 24 * 3600 * 1000
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const COMMON_NAME = oid('2.5.4.3')

type Issued = {
  readonly name: string
  readonly issuer: string
  readonly names: readonly string[]
  readonly isCa: boolean
}

const named = (name: string) => sequence(set(sequence(COMMON_NAME, text(name))))
const extension = (id: string, critical: boolean, value: Uint8Array) =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value))

/** An X.509 v3 certificate (RFC 5280) for `key`, signed with ECDSA over SHA-256. PEM. */
function issue({ name, issuer, names, isCa }: Issued, key: KeyObject, signer: KeyObject, now: number): string {
  const serial = randomBytes(16)
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40
  const keyUsage = isCa ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0x80]), 7)
  const extensions = [
    extension('2.5.29.19', true, isCa ? sequence(yes) : sequence()),
    extension('2.5.29.15', true, keyUsage),
    ...(isCa ? [] : [extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1')))]),
    ...(names.length > 0 ? [extension('2.5.29.17', false, sequence(...names.map(generalName)))] : []),
  ]
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    named(issuer),
    sequence(time(now - 3600_000), time(now + 10 * YEAR)),
    named(name),
    key.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  )
  const certificate = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, signer)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string

export type Credentials = {
  /** PEM of the certificate authority. */
  readonly ca: string
  /** PEM of the server's certificate and key. */
  readonly certificate: string
  readonly key: string
  /** Signs service account tokens. */
  readonly tokenKey: KeyObject
  readonly adminToken: string
}

const FILES = ['ca.crt', 'apiserver.crt', 'apiserver.key', 'sa.key', 'admin.token'] as const

/**
 * The credentials in `folder`, made on first use and renewed together when the certificate has less than a month left.
 * Files are readable by the owner only. The authority's own key is not kept.
 */
export function loadCredentials(folder: string, now: number): Credentials {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const read = (name: (typeof FILES)[number]) => readFileSync(join(folder, name), 'utf8')
  const complete = FILES.every((name) => existsSync(join(folder, name)))
  const isFresh = () => Date.parse(new X509Certificate(read('apiserver.crt')).validTo) - now > YEAR / 12
  if (!complete || !isFresh()) {
    const authority = newKey()
    const server = newKey()
    const ca = { name: 'kubernetes', issuer: 'kubernetes', names: [], isCa: true }
    const apiServer = { name: 'kube-apiserver', issuer: 'kubernetes', names: NAMES, isCa: false }
    const files: Record<(typeof FILES)[number], string> = {
      'ca.crt': issue(ca, authority.publicKey, authority.privateKey, now),
      'apiserver.crt': issue(apiServer, server.publicKey, authority.privateKey, now),
      'apiserver.key': pem(server.privateKey),
      'sa.key': pem(newKey().privateKey),
      'admin.token': randomBytes(32).toString('base64url'),
    }
    for (const name of FILES) writeFileSync(join(folder, name), files[name], { mode: 0o600 })
  }
  return {
    ca: read('ca.crt'),
    certificate: read('apiserver.crt'),
    key: read('apiserver.key'),
    tokenKey: createPrivateKey(read('sa.key')),
    adminToken: read('admin.token'),
  }
}
