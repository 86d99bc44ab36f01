import { X509Certificate } from 'node:crypto'
import { formatDuration } from '../core/duration.ts'
import { type Decoded, decodeStrict } from './go-yaml.ts'

/** Which end of the registry's list of tags has the newest one. */
export type TagOrder = 'latest-first' | 'latest-last'

/** A registry of `registries.conf`. */
export type RegistryConfig = {
  readonly name: string
  /** What the names of its images begin with; '' for every image that no other registry claims. */
  readonly prefix: string
  /** Without a slash at its end. */
  readonly apiUrl: string
  readonly isDefault: boolean
  /** The namespace of images that name none. */
  readonly defaultNamespace: string
  readonly credentials: string
  /** Milliseconds until credentials are read again; 0 for never. */
  readonly credsExpire: number
  /** Requests a second; 0 for any number. */
  readonly limit: number
  readonly tagOrder: TagOrder | undefined
  /** Why the sandbox cannot use it, in one line. */
  readonly refusal: string | undefined
}

const ENTRY = {
  struct: 'registry.RegistryConfiguration',
  fields: {
    name: 'string',
    api_url: 'string',
    // The real program reads it and does nothing with it.
    ping: 'bool',
    credentials: 'string',
    credsexpire: 'time.Duration',
    tagsortmode: 'string',
    prefix: 'string',
    insecure: 'bool',
    ca_file: 'string',
    ca_data: 'string',
    defaultns: 'string',
    limit: 'int',
    default: 'bool',
  },
} as const
type Entry = Decoded<typeof ENTRY>

/**
 * Reads `registries.conf` as strictly as the real program. `readFile` gives the files of the container.
 * @throws Error in its words when it would not start
 */
export function readRegistries(
  text: string,
  readFile: (path: string) => string | undefined,
): readonly RegistryConfig[] {
  const { registries: entries } = decodeStrict(text, {
    struct: 'registry.RegistryList',
    fields: { registries: { slice: ENTRY } },
  })
  let unprefixed: string | undefined
  for (const entry of entries) {
    if (entry.name === '') throw new Error(`registry name is missing for entry ${goStruct(entry)}`)
    if (entry.api_url === '') throw new Error(`API URL must be specified for registry ${entry.name}`)
    if (entry.prefix === '' && unprefixed !== undefined) {
      throw new Error(
        `there must be only one default registry (already is ${unprefixed}), ${entry.name} needs a prefix`,
      )
    }
    if (entry.prefix === '') unprefixed = entry.name
    if (!/^(none|latest-first|latest-last|)$/i.test(entry.tagsortmode)) {
      throw new Error(`unknown tag sort mode for registry ${entry.name}: ${entry.tagsortmode}`)
    }
  }
  const [first, second] = entries.filter((entry) => entry.default)
  if (first && second) {
    throw new Error(
      `cannot set registry ${second.prefix} as default - only one default registry allowed, currently set to ${first.prefix}`,
    )
  }
  for (const entry of entries) if (!entry.insecure) checkCertificates(entry, readFile)
  return entries.map((entry) => ({
    name: entry.name,
    prefix: entry.prefix,
    apiUrl: entry.api_url.replace(/\/$/, ''),
    isDefault: entry.default,
    defaultNamespace: entry.defaultns,
    credentials: entry.credentials,
    credsExpire: entry.credsexpire,
    limit: Math.max(0, entry.limit),
    tagOrder: (['latest-first', 'latest-last'] as const).find((order) => order === entry.tagsortmode.toLowerCase()),
    refusal: refusalOf(entry),
  }))
}

/** What cannot be done here. TLS settings of an http registry have nothing to act upon, as on the real program. */
function refusalOf(entry: Entry): string | undefined {
  const refuse = (what: string) => `registry ${entry.name} cannot be used in this sandbox: ${what}`
  if (!URL.canParse(entry.api_url) || !/^https?:$/.test(new URL(entry.api_url).protocol)) {
    return refuse(`api_url ${entry.api_url} is no http or https URL`)
  }
  const { protocol, pathname, search } = new URL(entry.api_url)
  if (pathname !== '/' || search !== '') return refuse(`api_url ${entry.api_url} has a path`)
  const settings = (['insecure', 'ca_file', 'ca_data'] as const).filter((field) => entry[field])
  if (protocol === 'https:' && settings.length > 0) {
    return refuse(`${settings.join(', ')} asks for TLS, which no registry within reach speaks; use an http:// api_url`)
  }
  if (/^([^=]+=)?ext:/i.test(entry.credentials)) return refuse('credentials of a script (ext:) are not supported')
  return undefined
}

function checkCertificates(entry: Entry, readFile: (path: string) => string | undefined): void {
  const fail = (why: string) => {
    throw new Error(`could not configure CA certificates for registry ${entry.name}: ${why}`)
  }
  if (entry.ca_data && !isCertificate(entry.ca_data)) fail('ca_data does not contain a valid PEM certificate')
  if (!entry.ca_file) return
  const text = readFile(entry.ca_file)
  if (text === undefined) {
    fail(`could not read CA file ${entry.ca_file}: open ${entry.ca_file}: no such file or directory`)
  } else if (!isCertificate(text)) fail(`CA file ${entry.ca_file} does not contain a valid PEM certificate`)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

/** An entry as Go prints a struct, in the order of the real one's fields. */
const goStruct = (entry: Entry): string =>
  `{${Object.entries(entry)
    .map(([field, value]) => (field === 'credsexpire' ? formatDuration(value as number) : value))
    .join(' ')}}`
