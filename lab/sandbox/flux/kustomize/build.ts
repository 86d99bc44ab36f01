import { createHash } from 'node:crypto'
import { messageOf } from '../../core/errors.ts'
import { type KubeClient, KubeError, type KubeObject, type ResourceId } from '../../core/kube-client.ts'
import { CONFIG_MAPS, groupOf, SECRETS, secretData, versionOf } from '../../core/kube-objects.ts'
import { KustomizeError, kustomizeBuild } from '../../core/kustomize.ts'
import { readDocument, writeDocument } from '../../core/yaml.ts'
import { confinementOf } from './confine.ts'
import { envsubst, SubstitutionError } from './envsubst.ts'
import { GenerateError, generateKustomization } from './generate.ts'

/** The manifests cannot be built; the message is what the condition says. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
}

export type BuildResult = { readonly objects: readonly KubeObject[]; readonly digest: string }

type Reference = { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string; readonly optional?: boolean }

export type PostBuild = {
  readonly substitute?: Readonly<Record<string, string>>
  readonly substituteFrom?: readonly Reference[]
  readonly substituteStrategy?: 'WithVariables' | 'Always'
}

/** Builds a folder as the spec of a Kustomization says. @throws BuildError */
export async function build(options: {
  readonly kubectl: string
  readonly kube: KubeClient
  /** Where the artifact was unpacked. */
  readonly root: string
  /** What is built: a folder at or below the root. */
  readonly folder: string
  readonly namespace: string
  // biome-ignore lint/suspicious/noExplicitAny: the spec of a Kustomization
  readonly spec: any
  readonly signal: AbortSignal
}): Promise<BuildResult> {
  const { kubectl, kube, root, folder, namespace, spec, signal } = options
  let output: string
  try {
    output = generateKustomization(folder, spec) ? await run(kubectl, root, folder, signal) : ''
  } catch (error) {
    if (error instanceof GenerateError) throw new BuildError(error.message)
    if (error instanceof KustomizeError) throw new BuildError(`kustomize build failed: ${error.message}`)
    throw error
  }
  const documents = output.split(/^---\n/m).filter((text) => text.trim() !== '')
  const objects: KubeObject[] = []
  for (const text of documents) {
    const object = parse(text)
    objects.push(spec.postBuild ? await substituted(text, object, spec.postBuild, kube, namespace) : object)
  }
  const digest = createHash('sha256').update(objects.map(writeDocument).join('---\n')).digest('hex')
  return { objects, digest: `sha256:${digest}` }
}

function run(kubectl: string, root: string, folder: string, signal: AbortSignal): Promise<string> {
  const confinement = confinementOf(root)
  if (confinement.kind === 'outside') {
    throw new KustomizeError(`security; file '${confinement.path}' is not in or below '${root}'`)
  }
  const flags = confinement.kind === 'inside' ? ['--load-restrictor=LoadRestrictionsNone'] : []
  return kustomizeBuild(kubectl, folder, signal, flags)
}

function parse(text: string): KubeObject {
  try {
    return readDocument(text) as KubeObject
  } catch (error) {
    throw new BuildError(`kustomize build failed: ${messageOf(error)}`)
  }
}

const SUBSTITUTE = 'kustomize.toolkit.fluxcd.io/substitute'

async function substituted(
  text: string,
  object: KubeObject,
  postBuild: PostBuild,
  kube: KubeClient,
  namespace: string,
): Promise<KubeObject> {
  const { labels, annotations, name } = object.metadata
  if (labels?.[SUBSTITUTE] === 'disabled' || annotations?.[SUBSTITUTE] === 'disabled') return object
  try {
    const variables = await variablesOf(postBuild, kube, namespace)
    if (variables.size === 0 && postBuild.substituteStrategy !== 'Always') return object
    return readDocument(envsubst(text, variables)) as KubeObject
  } catch (error) {
    const group = groupOf(object) || '[noGrp]'
    const what = `post build failed for '${object.kind}.${versionOf(object)}.${group}/${name}'`
    if (error instanceof BuildError) throw new BuildError(`${what}: ${error.message}`)
    if (error instanceof SubstitutionError) {
      throw new BuildError(`${what}: envsubst error: variable substitution failed: ${error.message}`)
    }
    throw new BuildError(`${what}: envsubst error: YAMLToJSON: ${messageOf(error)}`)
  }
}

/** Values of `substituteFrom`, in order, then of `substitute`; line ends inside values go. */
async function variablesOf(postBuild: PostBuild, kube: KubeClient, namespace: string): Promise<Map<string, string>> {
  const variables = new Map<string, string>()
  const put = (values: Readonly<Record<string, string>>) => {
    for (const [key, value] of Object.entries(values)) variables.set(key, value.replaceAll('\n', ''))
  }
  for (const { kind, name, optional } of postBuild.substituteFrom ?? []) {
    const resource: ResourceId = kind === 'Secret' ? SECRETS : CONFIG_MAPS
    try {
      const object = await kube.get(resource, name, namespace)
      put(kind === 'Secret' ? secretData(object) : (object['data'] ?? {}))
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      if (error.code === 404 && optional) continue
      throw new BuildError(`substitute from '${kind}/${name}' error: ${error.message}`)
    }
  }
  put(postBuild.substitute ?? {})
  const invalid = [...variables.keys()].find((key) => !/^[_A-Za-z][_A-Za-z0-9]*$/.test(key))
  if (invalid !== undefined) {
    throw new BuildError(
      `envsubst error: '${invalid}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'`,
    )
  }
  return variables
}
