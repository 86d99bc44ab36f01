import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize } from 'node:path'
import { applyMergePatch, isMap } from '../../core/json.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { kustomizationIn } from '../../core/kustomize.ts'
import type { Source, SourceType } from '../application.ts'
import { renderDirectory } from './directory.ts'
import { renderKustomize } from './kustomize.ts'
import { RpcError } from './protocol.ts'
import { parseYaml } from './yaml.ts'

export type RenderRequest = {
  /** The checked-out repository. */
  readonly root: string
  readonly commit: string
  readonly source: Source
  readonly app: { readonly name: string; readonly namespace: string }
}

export type RenderTools = { readonly kubectl: string; readonly scratch: string; readonly signal: AbortSignal }

/** The objects that a source describes at a commit. @throws RpcError */
export async function render(
  request: RenderRequest,
  tools: RenderTools,
): Promise<{ sourceType: SourceType; objects: KubeObject[] }> {
  const path = pathOf(request)
  const folder = join(request.root, path)
  const source = withOverrides(request.source, folder, request.app.name)
  const sourceType = typeOf(source, folder)
  switch (sourceType) {
    case 'Kustomize': {
      const { commit, app } = request
      const environment = {
        ARGOCD_APP_NAME: app.name,
        ARGOCD_APP_NAMESPACE: app.namespace,
        ARGOCD_APP_REVISION: commit,
        ARGOCD_APP_REVISION_SHORT: commit.slice(0, 7),
        ARGOCD_APP_REVISION_SHORT_8: commit.slice(0, 8),
        ARGOCD_APP_SOURCE_PATH: path,
        ARGOCD_APP_SOURCE_REPO_URL: source.repoURL,
        ARGOCD_APP_SOURCE_TARGET_REVISION: source.targetRevision ?? '',
      }
      const options = source.kustomize ?? {}
      const { kubectl, scratch, signal } = tools
      const objects = await renderKustomize(kubectl, request.root, path, options, environment, scratch, signal)
      return { sourceType, objects }
    }
    case 'Directory':
      return {
        sourceType,
        objects: await renderDirectory(tools.kubectl, folder, source.directory ?? {}, tools.signal),
      }
    case 'Helm':
      throw new RpcError('Unknown', `${path}: Helm charts are not supported by the sandbox; use kustomize or manifests`)
    case 'Plugin':
      throw new RpcError('Unknown', `${path}: config management plugins are not supported by the sandbox`)
  }
}

function pathOf({ root, source }: RenderRequest): string {
  if (source.chart)
    throw new RpcError('Unknown', `chart "${source.chart}": Helm charts are not supported by the sandbox`)
  const path = source.path ?? ''
  if (isAbsolute(path)) throw new RpcError('Unknown', `${path}: app path is absolute`)
  const clean = normalize(path === '' ? '.' : path).replace(/\/+$/, '')
  if (clean === '..' || clean.startsWith('../')) throw new RpcError('Unknown', `${path}: app path outside root`)
  const folder = join(root, clean)
  if (!existsSync(folder) || clean.split('/')[0] === '.git')
    throw new RpcError('Unknown', `${path}: app path does not exist`)
  if (!statSync(folder).isDirectory()) throw new RpcError('Unknown', `${path}: app path is not a directory`)
  return clean
}

/** `.argocd-source.yaml`, then `.argocd-source-<app>.yaml`, are merged over the source. */
function withOverrides(source: Source, folder: string, app: string): Source {
  return ['.argocd-source.yaml', `.argocd-source-${app}.yaml`].reduce((merged, name) => {
    const file = join(folder, name)
    if (!existsSync(file)) return merged
    const documents = parseYaml(readFileSync(file, 'utf8'))
    if (!documents) throw new RpcError('Unknown', `${name}: error converting YAML to JSON`)
    const [patch] = documents
    if (!isMap(patch)) return merged
    const { repoURL, path, targetRevision } = merged
    return { ...(applyMergePatch(merged, patch) as Source), repoURL, path, targetRevision }
  }, source)
}

function typeOf(source: Source, folder: string): SourceType {
  const types: readonly (readonly [SourceType, object | undefined])[] = [
    ['Helm', source.helm],
    ['Kustomize', source.kustomize],
    ['Directory', source.directory],
    ['Plugin', source.plugin],
  ]
  const named = types.filter(([, options]) => options).map(([type]) => type)
  if (named.length > 1) throw new RpcError('Unknown', `multiple application sources defined: ${named.join(',')}`)
  if (named[0] && named[0] !== 'Kustomize') return named[0]
  if (kustomizationIn(folder)) return 'Kustomize'
  if (named[0])
    throw new RpcError('Unknown', `${source.path}: no kustomization.yaml, kustomization.yml or Kustomization`)
  return existsSync(join(folder, 'Chart.yaml')) ? 'Helm' : 'Directory'
}
