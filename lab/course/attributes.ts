import { didYouMean } from '../engine/suggest.ts'

/** What an attribute may be: a flag without a value, any value, or one of some values. */
export type AttributeSchema = Readonly<Record<string, 'flag' | 'value' | readonly string[]>>

export type Attributes = Readonly<Record<string, string>>

/** Reads `run id=x background` strictly. Flags read as 'true'. `complain` hears of everything that is not in the schema. */
export function readAttributes(text: string, schema: AttributeSchema, complain: (message: string) => void): Attributes {
  const attributes: Record<string, string> = {}
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [name = '', ...rest] = word.split('=')
    const value = rest.length === 0 ? undefined : rest.join('=')
    const type = Object.hasOwn(schema, name) ? schema[name] : undefined
    if (type === undefined) complain(`unknown attribute "${name}"${didYouMean(name, Object.keys(schema))}`)
    else if (Object.hasOwn(attributes, name)) complain(`attribute "${name}" is given twice`)
    else if (type === 'flag' && value !== undefined) complain(`attribute "${name}" takes no value`)
    else if (type !== 'flag' && !value) complain(`attribute "${name}" needs a value: ${name}=…`)
    else if (Array.isArray(type) && !type.includes(value)) {
      complain(`attribute "${name}" is ${type.join(' or ')}, not "${value}"`)
    } else attributes[name] = value ?? 'true'
  }
  return attributes
}
