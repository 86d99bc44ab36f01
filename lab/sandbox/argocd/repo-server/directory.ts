import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { isMap } from '../../core/json.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { DirectoryOptions } from '../application.ts'
import { matchesGlob } from '../glob.ts'
import { RpcError } from './protocol.ts'
import { explainYaml, parseYaml } from './yaml.ts'

/** The manifests of a plain directory: YAML and JSON files in order of their names. @throws RpcError */
export async function renderDirectory(
  kubectl: string,
  folder: string,
  options: DirectoryOptions,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const files = readdirSync(folder, { recursive: options.recurse === true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => isManifest(path, options))
    .sort()
  const objects: KubeObject[] = []
  for (const path of files) {
    if (path.endsWith('.jsonnet'))
      throw new RpcError('Unknown', `Failed to evaluate jsonnet "${path}": jsonnet is not part of the sandbox`)
    objects.push(...(await readManifest(kubectl, join(folder, path), path, signal)))
  }
  return objects
}

export function isManifest(path: string, { include = '', exclude = '' }: DirectoryOptions): boolean {
  if (!/\.(yaml|yml|json|jsonnet)$/.test(path) || path.split('/').includes('.git')) return false
  if (exclude !== '' && matchesGlob(exclude, path)) return false
  return include === '' || matchesGlob(include, path)
}

async function readManifest(kubectl: string, file: string, path: string, signal: AbortSignal): Promise<KubeObject[]> {
  const text = readFileSync(file, 'utf8')
  const fail = (reason: string) => new RpcError('FailedPrecondition', `Failed to unmarshal "${path}": ${reason}`)
  if (path.endsWith('.json')) {
    try {
      return objectsIn([JSON.parse(text)])
    } catch (error) {
      throw fail(messageOf(error))
    }
  }
  const documents = parseYaml(text)
  if (documents) return objectsIn(documents)
  const reason = await explainYaml(kubectl, text, signal)
  throw fail(`failed to unmarshal manifest: error converting YAML to JSON: ${reason}`)
}

/** The Kubernetes objects among parsed documents, with lists taken apart; what has no kind is left out. */
export function objectsIn(documents: readonly unknown[]): KubeObject[] {
  return documents.flatMap((document): KubeObject[] => {
    if (!isMap(document) || typeof document['kind'] !== 'string' || typeof document['apiVersion'] !== 'string')
      return []
    if (document['kind'].endsWith('List') && Array.isArray(document['items'])) return objectsIn(document['items'])
    return [{ ...document, metadata: isMap(document['metadata']) ? document['metadata'] : {} } as KubeObject]
  })
}
