import type { Entry } from '../../../core/store.ts'
import type { KubeObject } from '../../types.ts'
import { badRequest, expired } from '../registry/errors.ts'
import { prefixOf } from '../registry/keys.ts'
import { matcher } from '../registry/selectors.ts'
import type { ResourceCall } from './context.ts'
import { checkListOptions, integerOf, tooLarge } from './options.ts'
import { type ListMetadata, sendList } from './render.ts'

const TOKEN_VERSION = 'meta.k8s.io/v1'
const TOO_OLD = 'The resourceVersion for the provided list is too old.'
const CONTINUE_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. ' +
  'You can start a new list without the continue parameter.'

type Continue = { readonly rv: number; readonly start: string }

const encodeContinue = ({ rv, start }: Continue): string =>
  Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv, start })).toString('base64url')

function decodeContinue(token: string): Continue {
  const wrong = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  const illegal = /[^A-Za-z0-9_-]/.exec(token)
  const at = illegal ? illegal.index : token.length % 4 === 1 ? token.length - 1 : -1
  if (at >= 0) throw wrong(`illegal base64 data at input byte ${at}`)
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (v === TOKEN_VERSION && Number.isInteger(rv) && typeof start === 'string') return { rv, start }
  } catch {
    throw wrong('invalid character in the token')
  }
  throw wrong('incorrect encoded version of the token')
}

/** The version that a list is asked for. @throws ApiError 400, 504 */
function versionOf(query: URLSearchParams, current: number): number {
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return 0
  if (!/^\d+$/.test(text)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`)
  }
  if (Number(text) > current) throw tooLarge(Number(text), current)
  return Number(text)
}

/** Selected objects of one consistent state, a page of them if the client wants pages. */
export function selected(
  call: ResourceCall,
  namespace: string | undefined,
): { items: KubeObject[]; metadata: ListMetadata } {
  const { api, resource, query, path } = call
  const { history, registry } = api
  const labelSelector = query.get('labelSelector') ?? undefined
  const fieldSelector = query.get('fieldSelector') ?? undefined
  checkListOptions(query, false)
  const matches = matcher(api.kinds, resource, { labelSelector, fieldSelector })
  const limit = Math.max(0, integerOf(query, 'limit') ?? 0)
  const token = query.get('continue') ?? ''
  if (token !== '' && !['', '0'].includes(query.get('resourceVersion') ?? '')) {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const wanted = versionOf(query, history.current)
  const page = token === '' ? undefined : decodeContinue(token)
  const match = query.get('resourceVersionMatch')
  const isExact = match === 'Exact' || (!match && limit > 0 && wanted > 0)
  const version = page?.rv ?? (isExact ? wanted : history.current)
  const prefix = prefixOf(resource, namespace)
  const entries = history.stateAt(prefix, version)
  if (!entries) throw expired(page ? CONTINUE_TOO_OLD : TOO_OLD)

  const items: KubeObject[] = []
  const rest = page ? entries.filter(({ key }) => key >= prefix + page.start) : entries
  let next: Entry | undefined
  let seen = 0
  for (const entry of rest) {
    const object = registry.storage.view(entry, resource)
    if (path.name === undefined && !matches(object)) {
      seen += 1
      continue
    }
    if (limit > 0 && items.length === limit) {
      next = entry
      break
    }
    seen += 1
    items.push(object)
  }
  const metadata: ListMetadata = { resourceVersion: String(version) }
  if (next) {
    metadata.continue = encodeContinue({ rv: version, start: next.key.slice(prefix.length) })
    if (!labelSelector && !fieldSelector) metadata.remainingItemCount = rest.length - seen
  }
  return { items, metadata }
}

/** GET of a collection. */
export function list(call: ResourceCall): void {
  const { items, metadata } = selected(call, call.path.namespace)
  sendList(call, items, metadata)
}
