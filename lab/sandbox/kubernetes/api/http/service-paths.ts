import { groupVersion } from '../registry/conversion.ts'
import type { Call } from './context.ts'
import { parseAccept } from './negotiate.ts'
import { type Answer, send, sendText } from './respond.ts'

/** The version that the golden transcripts were recorded from. */
const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'linux/amd64',
}

const HEALTH = /^\/(healthz|livez|readyz)(\/(ping|etcd|log))?$/

function healthText({ query }: Call, [, endpoint, single]: RegExpExecArray): string {
  const isVerbose = !single && query.has('verbose')
  return isVerbose ? `[+]ping ok\n[+]log ok\n[+]etcd ok\n${endpoint} check passed\n` : 'ok'
}

/** The OpenAPI document of a path below `/openapi/v3`; undefined when there is none. */
function openapi({ api }: Call, path: string): Answer | undefined {
  const resources = api.registry.resources()
  if (path === '/openapi/v3') {
    return { body: api.kinds.openapiIndex(resources), contentType: 'text/plain; charset=utf-8' }
  }
  const [, wanted] = /^\/openapi\/v3\/apis?\/(.+)$/.exec(path) ?? []
  const group = resources.filter((resource) => groupVersion(resource) === wanted)
  return wanted && group.length > 0 ? { body: api.kinds.openapiDocument(wanted, group) } : undefined
}

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

function openapiV2({ api, request }: Call): Answer {
  const [first] = parseAccept(request.headers.accept)
  // The media type that is asked for cannot be parsed as one, so the answer spells it with a dot.
  const contentType = V2_PROTOBUF.replace('@', '.')
  if (first?.type === V2_PROTOBUF) return { body: api.kinds.openapiV2Protobuf(), contentType }
  return { body: api.kinds.openapiV2Document(api.registry.resources()) }
}

function rootPaths({ api }: Call): string[] {
  const groups = new Set(api.registry.resources().map((resource) => groupVersion(resource)))
  const apis = [...groups].filter((name) => name !== 'v1').map((name) => `/apis/${name}`)
  return [
    '/api',
    '/api/v1',
    '/apis',
    ...apis,
    '/healthz',
    '/livez',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ]
}

function answerOf(call: Call, path: string): Answer | undefined {
  if (path === '/version' || path === '/version/') return { body: VERSION }
  if (path === '/openapi/v2') return openapiV2(call)
  if (path === '/openapi/v3' || path.startsWith('/openapi/v3/')) return openapi(call, path)
  return path === '/' ? { body: { paths: rootPaths(call) } } : undefined
}

/** Paths that are neither a resource nor discovery. */
export function serveOther(call: Call, path: string): void {
  const match = HEALTH.exec(path)
  const answer = answerOf(call, path)
  if (match) sendText(call.response, 200, healthText(call, match))
  else if (answer) send(call.request, call.response, answer)
  else sendText(call.response, 404, '404 page not found\n')
}
