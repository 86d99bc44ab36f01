import { dialError } from '../../core/dial-error.ts'
import type { Names } from '../../core/names.ts'
import {
  type ManifestRequest,
  type ManifestResponse,
  type Method,
  REPO_SERVER_PORT,
  type RevisionMetadata,
  type RevisionRequest,
  type RevisionResponse,
  RpcError,
} from './protocol.ts'

/** argocd-repo-server as its clients in the cluster see it. All methods throw `RpcError`. */
export type RepoClient = {
  generateManifest(request: ManifestRequest): Promise<ManifestResponse>
  resolveRevision(request: RevisionRequest): Promise<RevisionResponse>
  revisionMetadata(request: RevisionRequest): Promise<RevisionMetadata>
}

export function createRepoClient(names: Names, namespace: string): RepoClient {
  const base = `http://argocd-repo-server.${namespace}.svc:${REPO_SERVER_PORT}`
  const call = async <T>(method: Method, request: unknown): Promise<T> => {
    const url = `${base}/${method}`
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) }
    const response = await names.fetch(url, init).catch((error: unknown) => {
      const reason = `"transport: Error while dialing: ${dialError(error, url)}"`
      throw new RpcError('Unavailable', `connection error: desc = ${reason}`)
    })
    const body = (await response.json()) as T & { code: RpcError['code']; message: string }
    if (!response.ok) throw new RpcError(body.code, body.message)
    return body
  }
  return {
    generateManifest: (request) => call('generate-manifest', request),
    resolveRevision: (request) => call('resolve-revision', request),
    revisionMetadata: (request) => call('revision-metadata', request),
  }
}
