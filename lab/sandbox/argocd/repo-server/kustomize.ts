import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, type JsonMap } from '../../core/json.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { KustomizeError, kustomizationIn, kustomizeBuild } from '../../core/kustomize.ts'
import { writeDocument } from '../../core/yaml.ts'
import type { KustomizeOptions } from '../application.ts'
import { objectsIn } from './directory.ts'
import { RpcError } from './protocol.ts'
import { parseYaml } from './yaml.ts'

/** Where the repository is, as Argo CD writes it in messages in place of the real path. */
const HIDDEN_ROOT = '<path to cached source>'

export type BuildEnvironment = Readonly<Record<string, string>>

/** The manifests of a kustomization, after the edits that the Application's source asks for. @throws RpcError */
export async function renderKustomize(
  kubectl: string,
  root: string,
  path: string,
  options: KustomizeOptions,
  environment: BuildEnvironment,
  scratch: string,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  for (const field of ['version', 'kubeVersion', 'apiVersions'] as const)
    if (options[field]) throw new RpcError('Unknown', `kustomize option ${field} is not supported by the sandbox`)
  const edits = Object.keys(options).length > 0
  const copy = edits ? mkdtempSync(join(scratch, 'edit-')) : undefined
  try {
    if (copy) {
      cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
      editFile(join(copy, path), options, environment)
    }
    return await build(kubectl, copy ?? root, path, signal)
  } finally {
    if (copy) rmSync(copy, { recursive: true, force: true })
  }
}

async function build(kubectl: string, root: string, path: string, signal: AbortSignal): Promise<KubeObject[]> {
  try {
    return objectsIn(parseYaml(await kustomizeBuild(kubectl, join(root, path), signal)) ?? [])
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error
    const command = `\`kustomize build ${join(HIDDEN_ROOT, path)}\``
    const text = error.message.replaceAll(root, HIDDEN_ROOT)
    throw new RpcError('Unknown', `${command} failed exit status 1: Error: ${text}`)
  }
}

function editFile(folder: string, options: KustomizeOptions, environment: BuildEnvironment): void {
  const file = kustomizationIn(folder) as string
  const [parsed] = parseYaml(readFileSync(file, 'utf8')) ?? []
  const components = options.ignoreMissingComponents
    ? options.components?.filter((component) => existsSync(join(folder, component)))
    : options.components
  // What does not parse is left to kustomize, which says why.
  if (!isMap(parsed)) return
  writeFileSync(file, writeDocument(editKustomization(parsed, { ...options, components }, environment)))
}

/** What `kustomize edit` with the options of a source makes of a kustomization. */
export function editKustomization(
  kustomization: JsonMap,
  options: KustomizeOptions,
  environment: BuildEnvironment = {},
): JsonMap {
  const result: JsonMap = { ...kustomization }
  for (const field of ['namePrefix', 'nameSuffix', 'namespace'] as const)
    if (options[field]) result[field] = options[field]
  if (options.images?.length) result['images'] = options.images.reduce(setImage, listOf(result['images']))
  if (options.replicas?.length) {
    const counts = options.replicas.map(({ name, count }) => ({ name, count: Number(count) }))
    result['replicas'] = [
      ...listOf(result['replicas']).filter((r) => !counts.some((c) => c.name === r['name'])),
      ...counts,
    ]
  }
  if (options.commonLabels && Object.keys(options.commonLabels).length > 0) addLabels(result, options)
  if (options.commonAnnotations) {
    const own = isMap(result['commonAnnotations']) ? result['commonAnnotations'] : {}
    refuseTwice(own, options.commonAnnotations, options.forceCommonAnnotations, 'annotation')
    const added = Object.entries(options.commonAnnotations).map(([key, value]) => [
      key,
      options.commonAnnotationsEnvsubst ? substitute(value, environment) : value,
    ])
    result['commonAnnotations'] = { ...own, ...Object.fromEntries(added) }
  }
  if (options.patches?.length) result['patches'] = [...listOf(result['patches']), ...options.patches]
  if (options.components?.length)
    result['components'] = [...((result['components'] as string[]) ?? []), ...options.components]
  return result
}

const listOf = (value: unknown): JsonMap[] => (Array.isArray(value) ? (value as JsonMap[]) : [])

function addLabels(result: JsonMap, options: KustomizeOptions): void {
  const labels = options.commonLabels ?? {}
  if (options.labelWithoutSelector) {
    const entry = { pairs: labels, ...(options.labelIncludeTemplates ? { includeTemplates: true } : {}) }
    result['labels'] = [...listOf(result['labels']), entry]
    return
  }
  const own = isMap(result['commonLabels']) ? result['commonLabels'] : {}
  refuseTwice(own, labels, options.forceCommonLabels, 'label')
  result['commonLabels'] = { ...own, ...labels }
}

function refuseTwice(own: JsonMap, added: object, force: boolean | undefined, what: string): void {
  const twice = force ? undefined : Object.keys(added).find((key) => key in own)
  if (twice) throw new RpcError('Unknown', `${what} ${twice} already in kustomization file. Use --force to override.`)
}

const substitute = (text: string, environment: BuildEnvironment): string =>
  text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, braced?: string, bare?: string) => environment[braced ?? bare ?? ''] ?? '')

/** `[old=]name[:tag][@digest]`, as `kustomize edit set image` reads it. */
export function parseImage(text: string): { name: string; newName?: string; newTag?: string; digest?: string } {
  const equals = text.indexOf('=')
  const value = equals < 0 ? text : text.slice(equals + 1)
  const at = value.indexOf('@')
  const rest = at < 0 ? value : value.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  const image = colon < 0 ? rest : rest.slice(0, colon)
  return {
    name: equals < 0 ? image : text.slice(0, equals),
    ...(equals < 0 ? {} : { newName: image }),
    ...(colon < 0 ? {} : { newTag: rest.slice(colon + 1) }),
    ...(at < 0 ? {} : { digest: value.slice(at + 1) }),
  }
}

function setImage(images: readonly JsonMap[], text: string): JsonMap[] {
  const image = parseImage(text)
  const old = images.find((entry) => entry['name'] === image.name)
  const merged: JsonMap = { ...image }
  // An asterisk keeps what the kustomization says.
  for (const field of ['newName', 'newTag', 'digest']) if (merged[field] === '*') merged[field] = old?.[field]
  return [...images.filter((entry) => entry !== old), merged].sort((a, b) =>
    String(a['name']) < String(b['name']) ? -1 : 1,
  )
}
