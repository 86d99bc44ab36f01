import type { FieldError } from '../../types.ts'
import { duplicate, forbidden, invalid, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { nanosOf } from '../quantity.ts'
import { configKeyMessages } from './names.ts'
import { dnsLabel, oneOf } from './values.ts'

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** What is wrong with the volumes of a pod, and the names that mounts may use. */
export function volumeErrors(volumes: readonly Json[], path: string): { names: Set<string>; errors: FieldError[] } {
  const names = new Set<string>()
  const errors: FieldError[] = []
  volumes.forEach((volume, at) => {
    const place = `${path}[${at}]`
    errors.push(...sourceErrors(volume, place))
    if (!volume.name) errors.push(required(`${place}.name`))
    else {
      errors.push(...dnsLabel(`${place}.name`, volume.name))
      if (names.has(volume.name)) errors.push(duplicate(`${place}.name`, volume.name))
    }
    names.add(volume.name)
  })
  return { names, errors }
}

function sourceErrors(volume: Json, path: string): FieldError[] {
  const sources = Object.keys(volume).filter((field) => field !== 'name')
  if (sources.length === 0) return [required(path, 'must specify a volume type')]
  const [first, ...others] = sources as [string, ...string[]]
  return [
    ...(checks[first]?.(volume[first], `${path}.${first}`) ?? []),
    ...others.map((source) => forbidden(`${path}.${source}`, 'may not specify more than 1 volume type')),
  ]
}

const checks: Readonly<Record<string, (source: Json, path: string) => FieldError[]>> = {
  hostPath: ({ path: host, type }, path) => [
    ...(host ? [] : [required(`${path}.path`)]),
    ...(String(host).split('/').includes('..') ? [invalid(`${path}.path`, host, "must not contain '..'")] : []),
    ...oneOf(`${path}.type`, type, HOST_PATH_TYPES),
  ],
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && (nanosOf(sizeLimit) ?? 0n) < 0n
      ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  secret: (source, path) => [
    ...(source.secretName ? [] : [required(`${path}.secretName`)]),
    ...modeErrors(source.defaultMode, `${path}.defaultMode`),
    ...itemErrors(source.items ?? [], `${path}.items`),
  ],
  configMap: (source, path) => [
    ...(source.name ? [] : [required(`${path}.name`)]),
    ...modeErrors(source.defaultMode, `${path}.defaultMode`),
    ...itemErrors(source.items ?? [], `${path}.items`),
  ],
  persistentVolumeClaim: ({ claimName }, path) => (claimName ? [] : [required(`${path}.claimName`)]),
  nfs: ({ server, path: shared }, path) => [
    ...(server ? [] : [required(`${path}.server`)]),
    ...(shared ? [] : [required(`${path}.path`)]),
  ],
  csi: ({ driver }, path) => (driver ? [] : [required(`${path}.driver`)]),
}

const modeErrors = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777)
    ? [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : []

function itemErrors(items: readonly Json[], path: string): FieldError[] {
  return items.flatMap(({ key, path: file, mode }, at) => {
    const place = `${path}[${at}]`
    return [
      ...(key ? configKeyMessages(key).map((text) => invalid(`${place}.key`, key, text)) : [required(`${place}.key`)]),
      ...(file ? [] : [required(`${place}.path`)]),
      ...(file?.startsWith('/') ? [invalid(`${place}.path`, file, 'must be a relative path')] : []),
      ...(file?.split('/').includes('..') ? [invalid(`${place}.path`, file, "must not contain '..'")] : []),
      ...modeErrors(mode, `${place}.mode`),
    ]
  })
}
