import type { ApiError } from '../../../core/errors.ts'
import type { Change } from '../../../core/store.ts'
import type { KubeObject } from '../../types.ts'
import { groupVersion } from '../registry/conversion.ts'
import { expired, internal } from '../registry/errors.ts'
import { prefixOf } from '../registry/keys.ts'
import { type Matcher, matcher } from '../registry/selectors.ts'
import { withVersion } from '../registry/storage.ts'
import type { ResourceCall } from './context.ts'
import { negotiate, type Representation } from './negotiate.ts'
import { booleanOf, checkListOptions, integerOf } from './options.ts'
import { shownAs } from './render.ts'
import { statusOf } from './respond.ts'

type Event = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; readonly object: unknown }

const BOOKMARK_PERIOD = 60_000
const DEFAULT_TIMEOUT_SECONDS = 1800

/** The version that a watch begins at: undefined for "what there is now". @throws ApiError 500 */
function startOf(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? ''
  if (text === '' || text === '0') return undefined
  if (/^\d+$/.test(text)) return Number(text)
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
  throw internal(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`)
}

/** What a write is to somebody who sees only selected objects: one that falls out of the selection is DELETED as it was. */
function eventOf(
  call: ResourceCall,
  change: Change,
  matches: Matcher,
): { type: Event['type']; object: KubeObject } | undefined {
  const { resource, api } = call
  const { storage } = api.registry
  const view = (entry: Change['entry']) => storage.view(entry, resource)
  if (change.type === 'delete') {
    if (!matches(view(change.entry))) return undefined
    return { type: 'DELETED', object: withVersion(view(change.entry), change.revision) }
  }
  const object = view(change.entry)
  const before = change.previous && view(change.previous)
  const [was, is] = [before !== undefined && matches(before), matches(object)]
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object }
  return was && before ? { type: 'DELETED', object: withVersion(before, change.entry.revision) } : undefined
}

/** Writes events to the response: each on a line, as the representation that was asked for. */
class EventWriter {
  private columnsSent = false

  constructor(
    private readonly call: ResourceCall,
    private readonly as: Representation,
  ) {}

  send(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    const shown = shownAs(this.call, object, this.as) as Record<string, unknown>
    if (this.as === 'Table') {
      // Only the first table of a watch tells its columns.
      if (this.columnsSent) shown['columnDefinitions'] = null
      this.columnsSent = true
    }
    this.line({ type, object: shown })
  }

  bookmark(revision: number, initialEventsEnd = false): void {
    const { resource } = this.call
    const metadata = {
      resourceVersion: String(revision),
      ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    }
    const object: KubeObject = { kind: resource.kind, apiVersion: groupVersion(resource), metadata: metadata as never }
    this.line({
      type: 'BOOKMARK',
      object: this.as === 'Table' ? emptyTable(object) : shownAs(this.call, object, this.as),
    })
  }

  error(error: ApiError): void {
    this.line({ type: 'ERROR', object: statusOf(error).status })
  }

  private line(event: Event): void {
    this.call.response.write(`${JSON.stringify(event)}\n`)
  }
}

/** A bookmark in a watch of tables: a row without cells carries the object. */
const emptyTable = (object: KubeObject): unknown => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: object.metadata,
  columnDefinitions: null,
  rows: [{ cells: [], object }],
})

/** GET with `watch`: events until the client leaves, the time is over, or the resource is no more. */
export function watch(call: ResourceCall, name?: string): void {
  const { api, request, response, resource, query, path } = call
  const { history, registry, clock, kinds } = api
  checkListOptions(query, true)
  const timeoutSeconds = integerOf(query, 'timeoutSeconds') || DEFAULT_TIMEOUT_SECONDS
  const fieldSelector = [query.get('fieldSelector') ?? '', name === undefined ? '' : `metadata.name=${name}`]
  const matches = matcher(kinds, resource, {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: fieldSelector.filter((part) => part !== '').join(','),
  })
  const start = startOf(query)
  const { as } = negotiate(request.headers.accept, ['object', 'Table', 'PartialObjectMetadata'])
  const writer = new EventWriter(call, as)
  const prefix = prefixOf(resource, path.namespace)
  const withInitialEvents = booleanOf(query, 'sendInitialEvents')
  const withBookmarks = booleanOf(query, 'allowWatchBookmarks')

  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
  response.flushHeaders()

  const tell = (change: Change) => {
    const event = eventOf(call, change, matches)
    if (event) writer.send(event.type as 'ADDED', event.object)
  }
  if (start === undefined || withInitialEvents) {
    for (const object of registry.storage.list(resource, path.namespace))
      if (matches(object)) writer.send('ADDED', object)
    if (withInitialEvents && withBookmarks) writer.bookmark(history.current, true)
  } else {
    const missed = history.since(prefix, start)
    if (!missed) {
      writer.error(expired(`too old resource version: ${start} (${history.oldest})`))
      response.end()
      return
    }
    missed.forEach(tell)
  }

  const unsubscribe = history.subscribe((change) => {
    if (change.entry.key.startsWith(prefix)) tell(change)
    else if (resource.custom && !registry.find(resource.group, resource.plural, resource.version)) response.end()
  })
  const end = clock.setTimeout(() => response.end(), timeoutSeconds * 1000)
  let bookmark = withBookmarks ? clock.setTimeout(remind, BOOKMARK_PERIOD) : undefined
  function remind() {
    writer.bookmark(history.current)
    bookmark = clock.setTimeout(remind, BOOKMARK_PERIOD)
  }
  response.once('close', () => {
    unsubscribe()
    end.cancel()
    bookmark?.cancel()
  })
}
