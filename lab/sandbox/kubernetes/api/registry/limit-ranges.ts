import { addQuantities, compareQuantities } from '../../kinds/index.ts'
import type { KubeObject } from '../../types.ts'

type Amounts = Readonly<Record<string, string>>
type Requirements = { readonly requests?: Amounts; readonly limits?: Amounts }
type Container = { readonly name: string; readonly resources?: Requirements }
type Item = {
  readonly type: string
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly min?: Amounts
  readonly max?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}

const ANNOTATION = 'kubernetes.io/limit-ranger'

const itemsOf = (ranges: readonly KubeObject[], type: string): Item[] =>
  ranges.flatMap(({ spec }) => (spec?.limits ?? []) as Item[]).filter((item) => item.type === type)

/** Amounts with defaults for what is missing, and the names of what was filled in. */
function filled(amounts: Amounts = {}, defaults: Amounts = {}): { amounts: Amounts; added: string[] } {
  const added = Object.keys(defaults).filter((name) => amounts[name] === undefined)
  return {
    amounts: { ...Object.fromEntries(added.map((name) => [name, defaults[name] as string])), ...amounts },
    added,
  }
}

/** A new Pod with the default requests and limits of the namespace's LimitRanges, and the note that says so. */
export function withDefaultLimits(pod: KubeObject, ranges: readonly KubeObject[]): KubeObject {
  const notes: string[] = []
  const fill = (container: Container, kind: string): Container => {
    let { requests, limits } = container.resources ?? {}
    for (const item of itemsOf(ranges, 'Container')) {
      const more = { requests: filled(requests, item.defaultRequest), limits: filled(limits, item.default) }
      for (const [what, { added }] of [
        ['request', more.requests],
        ['limit', more.limits],
      ] as const) {
        if (added.length > 0) notes.push(`${added.sort().join(', ')} ${what} for ${kind} ${container.name}`)
      }
      requests = more.requests.amounts
      limits = more.limits.amounts
    }
    const some = (amounts: Amounts | undefined) => amounts !== undefined && Object.keys(amounts).length > 0
    const resources = {
      ...container.resources,
      ...(some(limits) ? { limits } : {}),
      ...(some(requests) ? { requests } : {}),
    }
    return { ...container, resources }
  }
  const { spec, metadata } = pod
  const containers = (spec?.containers ?? []).map((container: Container) => fill(container, 'container'))
  const initContainers = spec?.initContainers?.map((container: Container) => fill(container, 'init container'))
  if (notes.length === 0) return pod
  const annotations = { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` }
  return {
    ...pod,
    metadata: { ...metadata, annotations },
    spec: { ...spec, containers, ...(initContainers ? { initContainers } : {}) },
  }
}

function complaints({ requests = {}, limits = {} }: Requirements, item: Item): string[] {
  const found: string[] = []
  const say = (bound: string, name: string, amount: string, why: string) =>
    found.push(`${bound} ${name} usage per ${item.type} is ${amount}${why}`)
  for (const [name, least] of Object.entries(item.min ?? {})) {
    const [request, limit] = [requests[name], limits[name]]
    if (request === undefined) say('minimum', name, least, '.  No request is specified')
    else if (compareQuantities(request, least) < 0) say('minimum', name, least, `, but request is ${request}`)
    else if (limit !== undefined && compareQuantities(limit, least) < 0)
      say('minimum', name, least, `, but limit is ${limit}`)
  }
  for (const [name, most] of Object.entries(item.max ?? {})) {
    const [request, limit] = [requests[name], limits[name]]
    const isClaim = item.type === 'PersistentVolumeClaim'
    if (limit === undefined && !isClaim) say('maximum', name, most, '.  No limit is specified')
    else if (limit !== undefined && compareQuantities(limit, most) > 0)
      say('maximum', name, most, `, but limit is ${limit}`)
    else if (request !== undefined && compareQuantities(request, most) > 0) {
      say('maximum', name, most, `, but request is ${request}`)
    }
  }
  for (const [name, most] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const [request, limit] = [numberOf(requests[name]), numberOf(limits[name])]
    const text = `${name} max limit to request ratio per ${item.type} is ${most}, but`
    if (request === 0) found.push(`${text} no request is specified or request is 0`)
    else if (limit === 0) found.push(`${text} no limit is specified or limit is 0`)
    else if (limit / request > numberOf(most)) found.push(`${text} provided ratio is ${(limit / request).toFixed(6)}`)
  }
  return found
}

const SUFFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E']

/** A quantity as a number, precise enough for a ratio. */
function numberOf(quantity: string | undefined): number {
  const [, digits = '0', suffix = ''] = /^([\d.]+(?:[eE][+-]?\d+)?)(m|[kMGTPE]|[KMGTPE]i)?$/.exec(quantity ?? '') ?? []
  if (suffix === 'm') return Number(digits) / 1000
  const isBinary = suffix.endsWith('i')
  const power = SUFFIXES.indexOf(isBinary ? suffix.slice(0, 1).replace('K', 'k') : suffix)
  return Number(digits) * (isBinary ? 1024 : 1000) ** power
}

function sum(all: readonly (Amounts | undefined)[]): Amounts {
  const total: Record<string, string> = {}
  for (const amounts of all) {
    for (const [name, amount] of Object.entries(amounts ?? {})) {
      total[name] = total[name] === undefined ? amount : addQuantities(total[name], amount)
    }
  }
  return total
}

/** What a Pod or a claim breaks of the namespace's LimitRanges, a line each. */
export function limitErrors(object: KubeObject, ranges: readonly KubeObject[]): string[] {
  const { spec, kind } = object
  if (kind === 'PersistentVolumeClaim') {
    return itemsOf(ranges, kind).flatMap((item) => complaints(spec?.resources ?? {}, item))
  }
  const containers: Container[] = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const whole = {
    requests: sum((spec?.containers ?? []).map(({ resources }: Container) => resources?.requests)),
    limits: sum((spec?.containers ?? []).map(({ resources }: Container) => resources?.limits)),
  }
  return [
    ...itemsOf(ranges, 'Container').flatMap((item) =>
      containers.flatMap(({ resources = {} }) => complaints(resources, item)),
    ),
    ...itemsOf(ranges, 'Pod').flatMap((item) => complaints(whole, item)),
  ]
}
