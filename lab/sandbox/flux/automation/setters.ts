import { isScalar, parseAllDocuments, type Scalar, stringify, visit } from 'yaml'
import { Change, ObjectIdentifier } from './changes.ts'

/** What fields are set to, by what a marker may name: `ns:policy`, `ns:policy:tag`, `:name`, `:digest`. */
export type Setters = ReadonlyMap<string, string>

export type Policy = {
  readonly namespace: string
  readonly name: string
  readonly latestRef: { readonly name: string; readonly tag: string; readonly digest?: string }
}

export function settersOf(policies: readonly Policy[]): Setters {
  return new Map(
    policies.flatMap(({ namespace, name, latestRef }) => {
      const { name: image, tag, digest = '' } = latestRef
      const setter = `${namespace}:${name}`
      return [
        [setter, `${image}:${tag}${digest ? `@${digest}` : ''}`],
        [`${setter}:tag`, tag],
        [`${setter}:name`, image],
        [`${setter}:digest`, digest],
      ] as const
    }),
  )
}

export const MARKER = '"$imagepolicy"'

/** The setter that a comment names: `{"$imagepolicy": "ns:policy:tag"}`. */
function setterIn(comment: string | null | undefined): string | undefined {
  const marker = /^\s*(\{.*\})\s*$/.exec(comment ?? '')?.[1]
  if (!marker?.includes(MARKER)) return undefined
  try {
    const setter = (JSON.parse(marker) as Record<string, unknown>)['$imagepolicy']
    return typeof setter === 'string' ? setter : undefined
  } catch {
    return undefined
  }
}

export type SetResult = {
  readonly text: string
  readonly changes: readonly { readonly object: ObjectIdentifier; readonly changes: readonly Change[] }[]
}

/**
 * Sets every marked field of a YAML file to what its setter says; everything else stays as it is, to the byte.
 * Undefined for a file that cannot be parsed.
 */
export function applySetters(text: string, setters: Setters): SetResult | undefined {
  const edits: { readonly start: number; readonly end: number; readonly value: string }[] = []
  const result: { object: ObjectIdentifier; changes: Change[] }[] = []
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return { text, changes: [] }
  for (const document of documents) {
    if (document.errors.length > 0) return undefined
    const changes: Change[] = []
    visit(document, {
      Scalar(_, node) {
        const setter = setterIn(node.comment)
        const value = setter === undefined ? undefined : setters.get(setter)
        if (setter === undefined || value === undefined || !node.range) return
        const [start, end] = node.range
        const old = node.type === 'PLAIN' ? text.slice(start, end) : String(node.value ?? '')
        if (old === value) return
        edits.push({ start, end, value: written(node, value) })
        changes.push(new Change(old, value, setter))
      },
    })
    if (changes.length === 0) continue
    const { apiVersion = '', kind = '', metadata = {} } = document.toJS() ?? {}
    const object = new ObjectIdentifier(apiVersion, kind, metadata?.name ?? '', metadata?.namespace ?? '')
    result.push({ object, changes })
  }
  const edited = edits
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end, value }) => rest.slice(0, start) + value + rest.slice(end), text)
  return { text: edited, changes: result }
}

/** A value in the quotes that its field had, or in such as it needs to stay a string. */
function written(node: Scalar, value: string): string {
  if (node.type === 'QUOTE_SINGLE') return `'${value.replaceAll("'", "''")}'`
  if (node.type === 'QUOTE_DOUBLE') return JSON.stringify(value)
  const [document] = parseAllDocuments(value)
  const isPlain =
    document && isScalar(document.contents) && document.contents.value === value && !document.errors.length
  return isPlain ? value : stringify(value, { defaultStringType: 'QUOTE_DOUBLE' }).trimEnd()
}
