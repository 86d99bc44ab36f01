import type { KubeObject, Resource, Selectors } from '../../types.ts'
import type { Kinds } from '../kinds.ts'
import { badRequest } from './errors.ts'
import { parseLabelSelector } from './label-selector.ts'

export type Matcher = (object: KubeObject) => boolean

type Term = { readonly field: string; readonly value: string; readonly equal: boolean }

function parseFieldSelector(text: string): Term[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(.*?)(!=|==|=)(.*)$/.exec(part)
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
      return { field: match[1] as string, value: match[3] as string, equal: match[2] !== '!=' }
    })
}

/** Which objects of a resource the two selectors select. @throws ApiError 400 for one that the server does not know */
export function matcher(kinds: Kinds, resource: Resource, { labelSelector, fieldSelector }: Selectors): Matcher {
  const labels = parseLabelSelector(labelSelector)
  const terms = parseFieldSelector(fieldSelector ?? '')
  if (terms.length > 0) {
    const probe = { apiVersion: '', kind: resource.kind, metadata: { name: '' } }
    const known = Object.keys(kinds.selectableFields(resource, probe))
    for (const { field } of terms) if (!known.includes(field)) throw unknownField(resource, field, known)
  }
  return (object) => {
    if (!labels(object.metadata.labels)) return false
    if (terms.length === 0) return true
    const fields = kinds.selectableFields(resource, object)
    return terms.every(({ field, value, equal }) => ((fields[field] ?? '') === value) === equal)
  }
}

function unknownField(resource: Resource, field: string, known: readonly string[]): Error {
  const own = known.some((name) => !name.startsWith('metadata.'))
  return badRequest(
    own || resource.custom
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  )
}
