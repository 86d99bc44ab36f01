import { ApiError } from '../../../core/errors.ts'

export type Representation = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
export type Negotiated = { readonly as: Representation; readonly yaml: boolean; readonly contentType: string }

type Range = { readonly type: string; readonly parameters: ReadonlyMap<string, string> }

export function parseAccept(header: string | undefined): Range[] {
  return (header || '*/*').split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim())
    const pairs = parameters.map((text) => text.split('=', 2) as [string, string])
    return { type: type.toLowerCase(), parameters: new Map(pairs) }
  })
}

const MEDIA = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

const notAcceptable = (): ApiError =>
  new ApiError(406, `406: Not Acceptable\n\nAvailable representations: ${MEDIA.join(', ')}`, {
    reason: 'NotAcceptable',
    details: {},
  })

/**
 * How to answer: the first media range that can be served. Protobuf never is; clients that ask for it also take JSON.
 * @throws ApiError 406
 */
export function negotiate(header: string | undefined, allowed: readonly Representation[]): Negotiated {
  for (const { type, parameters } of parseAccept(header)) {
    const as = (parameters.get('as') ?? 'object') as Representation
    const wildcard = type === '*/*' || type === 'application/*'
    if (!wildcard && type !== 'application/json' && type !== 'application/yaml') continue
    if (as !== 'object' && (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1')) continue
    if (as !== 'object' && !allowed.includes(as)) continue
    const yaml = type === 'application/yaml'
    return { as, yaml, contentType: yaml ? 'application/yaml' : 'application/json' }
  }
  throw notAcceptable()
}
