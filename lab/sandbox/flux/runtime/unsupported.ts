/** A field that is refused, and the only value of it that is not. */
export type UnsupportedField = { readonly path: string; readonly unless?: (value: unknown) => boolean }

const at = (spec: unknown, path: string): unknown =>
  // biome-ignore lint/suspicious/noExplicitAny: walks a spec of any kind
  path.split('.').reduce((value: any, key) => value?.[key], spec)

/**
 * Why a spec cannot be honoured here: names every field that this controller does not implement, so that none is
 * ignored in silence. Undefined when there is none.
 */
export function refusalOf(
  component: string,
  spec: unknown,
  fields: readonly (string | UnsupportedField)[],
): string | undefined {
  const found = fields
    .map((field) => (typeof field === 'string' ? { path: field } : field))
    .filter(({ path, unless }: UnsupportedField) => {
      const value = at(spec, path)
      return value !== undefined && value !== null && value !== false && !unless?.(value)
    })
    .map(({ path }) => `spec.${path}`)
  if (found.length === 0) return undefined
  return `${found.join(', ')} ${found.length > 1 ? 'are' : 'is'} not supported by the ${component} of this sandbox; remove ${found.length > 1 ? 'these fields' : 'this field'}`
}

export const REFUSED = 'UnsupportedField'
