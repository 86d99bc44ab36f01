import type { GitCredentials } from '../../core/git.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { Source, SourceType } from '../application.ts'
import type { TrackingMethod } from '../tracking.ts'

/** The port of argocd-repo-server. The real one speaks gRPC there, the sandbox's answers JSON over HTTP. */
export const REPO_SERVER_PORT = 8081

export type Repository = { readonly url: string; readonly credentials?: GitCredentials }

export type ManifestRequest = {
  readonly repository: Repository
  readonly source: Source
  /** A branch, tag, commit, range of versions or `HEAD`. */
  readonly revision: string
  readonly app: { readonly name: string; readonly namespace: string }
  readonly trackingMethod: TrackingMethod
  /** Ask the repository again what the revision is, even if that was asked lately. */
  readonly noRevisionCache?: boolean
  /** Render again, even if this commit was rendered before. */
  readonly noCache?: boolean
}

export type ManifestResponse = {
  readonly revision: string
  readonly sourceType: SourceType
  /** Rendered objects, marked with their Application; namespaces are as the source says. */
  readonly manifests: readonly KubeObject[]
}

export type RevisionRequest = { readonly repository: Repository; readonly revision: string }
export type RevisionResponse = { readonly revision: string }
export type RevisionMetadata = { readonly author: string; readonly date: string; readonly message: string }

/** What the protocol carries in `/generate-manifest`, `/resolve-revision` and `/revision-metadata`. */
export type Method = 'generate-manifest' | 'resolve-revision' | 'revision-metadata'

/** A failure with a gRPC status, as Argo CD's messages show it. */
export class RpcError extends Error {
  override readonly name = 'RpcError'

  constructor(
    readonly code: 'Unknown' | 'FailedPrecondition' | 'Internal' | 'Unavailable',
    message: string,
  ) {
    super(message)
  }

  /** `rpc error: code = … desc = …` */
  describe(): string {
    return `rpc error: code = ${this.code} desc = ${this.message}`
  }
}
