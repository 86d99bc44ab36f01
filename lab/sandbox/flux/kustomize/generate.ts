import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, normalize, relative } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { kustomizationIn } from '../../core/kustomize.ts'
import { goYamlError, readDocument, readDocuments, writeDocument } from '../../core/yaml.ts'

/** The manifests of a folder cannot be made into a kustomization. */
export class GenerateError extends Error {
  override readonly name = 'GenerateError'
}

// biome-ignore lint/suspicious/noExplicitAny: a kustomization file of anybody's making
type Kustomization = Record<string, any>

type Image = { name: string; newName?: string; newTag?: string; digest?: string }

/**
 * Writes the kustomization that `spec` of a Kustomization means for a folder: the one that is there, or one that lists
 * all its manifests, with the spec's transformations added. False when there is nothing to build. @throws GenerateError
 */
export function generateKustomization(folder: string, spec: Kustomization): boolean {
  const existing = kustomizationIn(folder)
  const base = existing ? readExisting(existing) : { resources: scan(folder, folder) }
  const kustomization = transform(base, spec, folder)
  writeFileSync(existing ?? join(folder, 'kustomization.yaml'), writeDocument(kustomization))
  const inputs = [
    'resources',
    'bases',
    'components',
    'configMapGenerator',
    'secretGenerator',
    'generators',
    'helmCharts',
  ]
  return inputs.some((key) => (kustomization[key]?.length ?? 0) > 0)
}

function readExisting(path: string): Kustomization {
  const text = readFileSync(path, 'utf8')
  try {
    return (readDocument(text) as Kustomization | null) ?? {}
  } catch (error) {
    throw new GenerateError(`invalid Kustomization: ${messageOf(error)}`)
  }
}

/** Paths of a folder's manifests, relative to `root`; a folder with a kustomization of its own stands for itself. */
function scan(root: string, folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return kustomizationIn(path) ? [`./${relative(root, path)}`] : scan(root, path)
    if (!/\.ya?ml$/.test(entry.name)) return []
    const problem = problemOf(readFileSync(path, 'utf8'))
    if (problem) throw new GenerateError(`failed to decode Kubernetes YAML from ${path}: ${problem}`)
    return [`./${relative(root, path)}`]
  })
}

/** Why a text is no list of Kubernetes objects; undefined when it is one. */
export function problemOf(text: string): string | undefined {
  for (const document of readDocuments(text)) {
    if (document.errors[0]) return `MalformedYAMLError: ${goYamlError(document.errors)}`
    const object = document.toJS()
    if (object === null || object === undefined) continue
    if (typeof object !== 'object' || Array.isArray(object)) {
      return `MalformedYAMLError: yaml: unmarshal errors: expected a Kubernetes object, found ${Array.isArray(object) ? 'a list' : typeof object}`
    }
    if (!object.kind) return `missing kind in object ${goStruct(object)}`
    if (!String(object.kind).endsWith('List') && !object.metadata?.name) {
      return `missing metadata.name in object ${goStruct(object)}`
    }
  }
  return undefined
}

/** kustomize prints an object's type and metadata as a Go struct. */
function goStruct({ apiVersion = '', kind = '', metadata = {} }: Kustomization): string {
  const map = (entries: Record<string, string> = {}) =>
    `map[${Object.keys(entries)
      .sort()
      .map((key) => `${key}:${entries[key]}`)
      .join(' ')}]`
  const { name = '', namespace = '', labels, annotations } = metadata ?? {}
  return `{{${apiVersion} ${kind}} {{${name} ${namespace}} ${map(labels)} ${map(annotations)}}}`
}

function transform(base: Kustomization, spec: Kustomization, folder: string): Kustomization {
  const result: Kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...base,
  }
  if (spec['targetNamespace']) result['namespace'] = spec['targetNamespace']
  if (spec['namePrefix']) result['namePrefix'] = spec['namePrefix']
  if (spec['nameSuffix']) result['nameSuffix'] = spec['nameSuffix']
  if (spec['patches']?.length) result['patches'] = [...(base['patches'] ?? []), ...spec['patches']]
  if (spec['images']?.length) result['images'] = mergeImages(base['images'] ?? [], spec['images'])
  if (spec['buildMetadata']?.length) result['buildMetadata'] = spec['buildMetadata']
  const components = ((spec['components'] ?? []) as string[]).filter((component) => {
    if (/^[a-z]+:\/\//.test(component) || component.startsWith('/')) {
      throw new GenerateError(`component path '${component}' must be local and relative`)
    }
    return !spec['ignoreMissingComponents'] || existsSync(normalize(join(folder, component)))
  })
  if (components.length > 0) result['components'] = [...(base['components'] ?? []), ...components]
  return result
}

function mergeImages(images: readonly Image[], overrides: readonly Image[]): Image[] {
  const merged = images.map((image) => ({ ...image }))
  for (const override of overrides) {
    const known = merged.find(({ name }) => name === override.name)
    if (!known) {
      merged.push(override)
      continue
    }
    if (override.newName) known.newName = override.newName
    if (override.newTag || override.digest) {
      delete known.newTag
      delete known.digest
      if (override.newTag) known.newTag = override.newTag
      if (override.digest) known.digest = override.digest
    }
  }
  return merged
}
