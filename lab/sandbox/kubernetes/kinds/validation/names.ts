const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/

const tooLong = (limit: number): string => `must be no more than ${limit} characters`

/** A sentence of the API: what it must be, examples, the expression. */
function sentence(text: string, source: RegExp, ...examples: string[]): string {
  const form = source.source.replace(/^\^|\$$/g, '')
  if (examples.length === 0) return `${text} (regex used for validation is '${form}')`
  const list = examples.map((example, at) => `${at === 0 ? '' : ' or '}'${example}', `).join('')
  return `${text} (e.g. ${list}regex used for validation is '${form}')`
}

const LABEL_TEXT = sentence(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
)
const LABEL_1035_TEXT = sentence(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
)
const SUBDOMAIN_TEXT = sentence(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
)
const PART_TEXT = sentence(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_PART,
  'MyName',
  'my.name',
  '123-abc',
)
const VALUE_TEXT = sentence(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  'MyValue',
  'my_value',
  '12345',
)
const CONFIG_KEY_TEXT = sentence(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  CONFIG_KEY,
  'key.name',
  'KEY_NAME',
  'key-name',
)

/** What is wrong with an RFC 1123 or RFC 1035 label. */
export function labelMessages(text: string, form: '1123' | '1035' = '1123'): string[] {
  const long = text.length > 63 ? [tooLong(63)] : []
  if (form === '1035') return LABEL_1035.test(text) ? long : [...long, LABEL_1035_TEXT]
  if (LABEL.test(text)) return long
  return [...long, SUBDOMAIN.test(text) ? 'must not contain dots' : LABEL_TEXT]
}

export function subdomainMessages(text: string): string[] {
  const long = text.length > 253 ? [tooLong(253)] : []
  return SUBDOMAIN.test(text) ? long : [...long, SUBDOMAIN_TEXT]
}

/** What is wrong with the key of a label, an annotation or a finalizer: `[prefix/]name`. */
export function qualifiedNameMessages(text: string): string[] {
  const parts = text.split('/')
  if (parts.length > 2) {
    return [`a valid label key ${PART_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const errors: string[] = []
  const name = parts.at(-1) as string
  if (parts.length === 2) {
    const prefix = parts[0] as string
    if (prefix === '') errors.push('prefix part must be non-empty')
    else errors.push(...subdomainMessages(prefix).map((message) => `prefix part ${message}`))
  }
  if (name === '') errors.push('name part must be non-empty')
  else if (name.length > 63) errors.push(`name part ${tooLong(63)}`)
  if (!QUALIFIED_PART.test(name)) errors.push(`name part ${PART_TEXT}`)
  return errors
}

export function labelValueMessages(text: string): string[] {
  const long = text.length > 63 ? [tooLong(63)] : []
  return LABEL_VALUE.test(text) ? long : [...long, VALUE_TEXT]
}

export function configKeyMessages(text: string): string[] {
  const long = text.length > 253 ? [tooLong(253)] : []
  if (!CONFIG_KEY.test(text)) return [...long, CONFIG_KEY_TEXT]
  if (text === '.') return [...long, "must not be '.'"]
  if (text === '..') return [...long, "must not be '..'"]
  return text.startsWith('..') ? [...long, "must not start with '..'"] : long
}

/** Names of roles and bindings may be anything that fits into a path. */
export function pathSegmentMessages(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((bad) => text.includes(bad)).map((bad) => `may not contain '${bad}'`)
}

export function portNumberMessages(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** IANA service names, as ports are named. */
export function portNameMessages(text: string): string[] {
  const errors: string[] = []
  if (text.length > 15) errors.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(text)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(text)) errors.push('must contain at least one letter (a-z)')
  if (text.includes('--')) errors.push('must not contain consecutive hyphens')
  if (/^-|-$/.test(text)) errors.push('must not begin or end with a hyphen')
  return errors
}
