import type { Context, Hono } from 'hono'
import { ApiError } from '../../core/errors.ts'
import type { App } from '../app.ts'
import { canSee, type Identity } from '../auth/identity.ts'
import type { Project, User } from '../entities.ts'
import { findProject } from '../store.ts'

export type ApiEnv = { Variables: { identity: Identity; params: Params } }

/** Marks requests of the pages, which no request over the network can carry. */
export const FOR_PAGES = { forPages: true }

export type Api = Hono<ApiEnv>
export type ApiContext = Context<ApiEnv>

/** Parameters of a request, from its query and its body; GitLab makes no difference between the two. */
export type Params = Readonly<Record<string, unknown>>

export const unauthorized = (): ApiError => new ApiError(401, '401 Unauthorized')
export const forbidden = (): ApiError => new ApiError(403, '403 Forbidden')
export const notFound = (what?: string): ApiError => new ApiError(404, what ? `404 ${what} Not Found` : '404 Not found')

/** An error in GitLab's second form, `{"error": …}`, which its parameter checks use. */
export const badParameter = (text: string): ApiError => new ApiError(400, text, { body: { error: text } })

/** The signed-in user. @throws ApiError 401 */
export function userOf(c: ApiContext): User {
  const identity = c.get('identity')
  if (identity.type !== 'user') throw unauthorized()
  return identity.user
}

/** Anybody signed in; on pages, whoever may see the project. @throws ApiError 401 */
export function requireReader(c: ApiContext): void {
  if (c.get('identity').type === 'anonymous' && c.env !== FOR_PAGES) throw unauthorized()
}

/** The project that `:id` names, a number or a full path. What the caller may not see does not exist. @throws ApiError */
export function projectOf(app: App, c: ApiContext): Project {
  const id = c.req.param('id') ?? ''
  const project = /^\d+$/.test(id) ? app.records.projects.get(Number(id)) : findProject(app.records, id)
  if (!project || !canSee(c.get('identity'), project)) throw notFound('Project')
  return project
}

/** The project, for somebody who may change it. @throws ApiError 401, 404 */
export function ownProjectOf(app: App, c: ApiContext): Project {
  userOf(c)
  return projectOf(app, c)
}

/** A numeric part of the path. @throws ApiError 400 */
export function idOf(c: ApiContext, name: string): number {
  const text = c.req.param(name) ?? ''
  if (!/^\d+$/.test(text)) throw badParameter(`${name} is invalid`)
  return Number(text)
}

const isMissing = (value: unknown): boolean => value === undefined || value === null

export function text(params: Params, name: string): string | undefined {
  const value = params[name]
  if (isMissing(value)) return undefined
  if (typeof value === 'object') throw badParameter(`${name} is invalid`)
  return String(value)
}

/** @throws ApiError 400 naming every parameter that is missing */
export function requirePresent(params: Params, ...names: readonly string[]): void {
  const missing = names.filter((name) => isMissing(params[name]))
  if (missing.length > 0) throw badParameter(missing.map((name) => `${name} is missing`).join(', '))
  const empty = names.filter((name) => params[name] === '')
  if (empty.length > 0) throw badParameter(empty.map((name) => `${name} is empty`).join(', '))
}

/** Parameters that must be there, as text. @throws ApiError 400 */
export function required<Name extends string>(params: Params, ...names: Name[]): Record<Name, string> {
  requirePresent(params, ...names)
  return Object.fromEntries(names.map((name) => [name, text(params, name)])) as Record<Name, string>
}

export function flag(params: Params, name: string): boolean | undefined {
  const value = params[name]
  if (isMissing(value) || value === '') return undefined
  if ([true, 'true', 't', '1', 1, 'on'].includes(value as string)) return true
  if ([false, 'false', 'f', '0', 0, 'off'].includes(value as string)) return false
  throw badParameter(`${name} is invalid`)
}

export function number(params: Params, name: string): number | undefined {
  const value = text(params, name)
  if (value === undefined || value === '') return undefined
  if (!/^-?\d+$/.test(value)) throw badParameter(`${name} is invalid`)
  return Number(value)
}

export function oneOf<T extends string>(params: Params, name: string, values: readonly T[]): T | undefined {
  const value = text(params, name)
  if (value === undefined || value === '') return undefined
  if (!(values as readonly string[]).includes(value)) throw badParameter(`${name} does not have a valid value`)
  return value as T
}

/** A list: `scopes[]=a&scopes[]=b`, a JSON array, or `a,b`. */
export function list(params: Params, name: string): readonly string[] | undefined {
  const value = params[name]
  if (isMissing(value)) return undefined
  if (Array.isArray(value)) return value.map(String)
  return String(value)
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
}

/** Reads `a`, `a[]`, `a[b]` and `a[][b]` of a query or a form. */
export function nest(pairs: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, value] of pairs) {
    const [, name = key, rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key) ?? []
    const path = [...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, part]) => part as string)
    if (path.length === 0) result[name] = value
    else if (path.length === 1 && path[0] === '') result[name] = [...asList(result[name]), value]
    else if (path[0] === '' && path.length === 2) {
      const items = asList(result[name]) as Record<string, unknown>[]
      const last = items.at(-1)
      if (last && !((path[1] as string) in last)) last[path[1] as string] = value
      else items.push({ [path[1] as string]: value })
      result[name] = items
    } else {
      const inner = typeof result[name] === 'object' && !Array.isArray(result[name]) ? (result[name] as object) : {}
      result[name] = { ...inner, [path[0] as string]: value }
    }
  }
  return result
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** All parameters of a request. @throws ApiError 400 for a body that is no JSON object */
export async function readParams(c: ApiContext): Promise<Params> {
  const query = nest(new URL(c.req.url).searchParams)
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return query
  const type = c.req.header('content-type') ?? ''
  if (/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(type)) {
    const form = await c.req.formData()
    return { ...query, ...nest([...form.entries()].map(([key, value]) => [key, value] as const)) }
  }
  const body = await c.req.text()
  if (body.trim() === '') return query
  if (!/json/.test(type) && type !== '')
    throw new ApiError(415, `The provided content-type '${type}' is not supported.`, {
      body: { error: `The provided content-type '${type}' is not supported.` },
    })
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    throw badParameter('message body does not match declared format')
  }
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...query, ...parsed } : query
}

/** Offsets of the page that is asked for; GitLab gives 20 rows unless told, and 100 at most. */
export function pageOf(c: ApiContext): { readonly page: number; readonly perPage: number; readonly skip: number } {
  const asked = (name: string, fallback: number) => {
    const value = Number(c.req.query(name) ?? fallback)
    return Number.isInteger(value) && value > 0 ? value : fallback
  }
  const perPage = Math.min(100, asked('per_page', 20))
  const page = asked('page', 1)
  return { page, perPage, skip: (page - 1) * perPage }
}

/** Answers with a page of rows that was cut already, and the headers that lead to the others. */
export function sendPage(c: ApiContext, rows: readonly unknown[], total: number): Response {
  const { page, perPage } = pageOf(c)
  const pages = Math.max(1, Math.ceil(total / perPage))
  const url = (target: number) => {
    const link = new URL(c.req.url)
    link.protocol = 'http:'
    link.host = c.req.header('host') ?? link.host
    link.searchParams.set('page', String(target))
    link.searchParams.set('per_page', String(perPage))
    return link.href
  }
  const next = page < pages ? page + 1 : undefined
  const previous = page > 1 ? page - 1 : undefined
  const links = [
    ...(previous ? [`<${url(previous)}>; rel="prev"`] : []),
    ...(next ? [`<${url(next)}>; rel="next"`] : []),
  ]
  const keyset = c.req.query('pagination') === 'keyset'
  if (!keyset) links.push(`<${url(1)}>; rel="first"`, `<${url(pages)}>; rel="last"`)
  if (links.length > 0) c.header('Link', links.join(', '))
  if (!keyset) {
    c.header('X-Page', String(page))
    c.header('X-Per-Page', String(perPage))
    c.header('X-Total', String(total))
    c.header('X-Total-Pages', String(pages))
    c.header('X-Next-Page', String(next ?? ''))
    c.header('X-Prev-Page', String(previous ?? ''))
  }
  return c.json(rows)
}

/** Answers with the page of all rows that is asked for. */
export function paginate<T>(c: ApiContext, rows: readonly T[], view: (row: T) => unknown = (row) => row): Response {
  const { skip, perPage } = pageOf(c)
  return sendPage(c, rows.slice(skip, skip + perPage).map(view), rows.length)
}
