import type { KubeObject, ResourceId } from '../core/kube-client.ts'
import type { LabelSelector } from '../core/kube-objects.ts'

export const IMAGE_UPDATERS: ResourceId = {
  group: 'argocd-image-updater.argoproj.io',
  version: 'v1alpha1',
  plural: 'imageupdaters',
}

export const FIELD_MANAGER = 'argocd-image-updater'
export const FINALIZER = 'resources-finalizer.argocd-image-updater.argoproj.io'

export type CommonUpdateSettings = {
  readonly updateStrategy?: string
  readonly forceUpdate?: boolean
  readonly allowTags?: string
  readonly ignoreTags?: readonly string[]
  readonly pullSecret?: string
  readonly platforms?: readonly string[]
}

export type WriteBackConfig = {
  readonly method?: string
  readonly gitConfig?: {
    readonly repository?: string
    readonly branch?: string
    readonly writeBackTarget?: string
    readonly pullRequest?: object
  }
}

export type ImageConfig = {
  readonly alias: string
  readonly imageName: string
  readonly commonUpdateSettings?: CommonUpdateSettings
  readonly manifestTargets?: {
    readonly kustomize?: { readonly name: string }
    readonly helm?: object
    readonly plugin?: object
  }
  readonly imagesVerification?: { readonly enabled?: boolean }
}

export type ApplicationRef = {
  readonly namePattern: string
  readonly labelSelectors?: LabelSelector
  readonly useAnnotations?: boolean
  readonly commonUpdateSettings?: CommonUpdateSettings
  readonly writeBackConfig?: WriteBackConfig
  readonly imagesVerification?: { readonly enabled?: boolean }
  readonly images?: readonly ImageConfig[]
}

export type ImageUpdaterSpec = {
  readonly commonUpdateSettings?: CommonUpdateSettings
  readonly writeBackConfig?: WriteBackConfig
  readonly imagesVerification?: { readonly enabled?: boolean }
  readonly applicationRefs: readonly ApplicationRef[]
}

/** What is read and written of an Application. */
export type Application = KubeObject & {
  spec: { source?: ApplicationSource; sources?: ApplicationSource[]; [field: string]: unknown }
  status?: { sourceType?: string; sourceTypes?: string[]; summary?: { images?: string[] } }
}

export type ApplicationSource = {
  readonly repoURL: string
  readonly path?: string
  readonly targetRevision?: string
  readonly kustomize?: { readonly images?: readonly string[]; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** The source that is updated; of several it is the first. */
export const sourceOf = ({ spec }: Application): ApplicationSource | undefined =>
  spec.sources?.length ? spec.sources[0] : spec.source
