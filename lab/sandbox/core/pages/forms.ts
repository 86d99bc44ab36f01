import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'

/** What a session's own pages put into their forms; nobody else can know it. */
export const formToken = (session: string): string =>
  createHash('sha256').update(`form of ${session}`).digest('base64url')

/** Whether a form that came with a session was sent by a page of that session. */
export function isFormOf(session: string, token: string | undefined): boolean {
  const [expected, actual] = [Buffer.from(formToken(session)), Buffer.from(token ?? '')]
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/**
 * Whether a browser says that another origin sent the form. Where it says so itself, that holds behind a port proxy that
 * asks by another name than the browser did, too (Fetch Metadata: only over https and on loopback).
 */
export function isForeign(c: Context): boolean {
  const site = c.req.header('sec-fetch-site')
  // `none`: the reader did it, by the address bar or by loading a form's answer again.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = c.req.header('origin')
  const host = c.req.header('host')
  // A port proxy in front speaks TLS to the browser and keeps the name.
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
}

/** A path of this server to go on to: never the address of another. */
export function ownPath(path: string | undefined, fallback: string): string {
  if (!path?.startsWith('/') || !URL.canParse(path, 'http://own')) return fallback
  const { host, pathname, search } = new URL(path, 'http://own')
  return host === 'own' && !pathname.startsWith('//') ? `${pathname}${search}` : fallback
}

/** The fields of a form, text only. */
export async function fieldsOf(c: Context): Promise<Readonly<Record<string, string>>> {
  const form = await c.req.parseBody()
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

/** The value of a cookie. */
export function cookieOf(c: Context, name: string): string | undefined {
  const pairs = (c.req.header('cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}
