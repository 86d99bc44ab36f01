import type { ResourceId } from '../../core/kube-client.ts'

/** A resource and the kind of its objects. */
export type FluxResource = ResourceId & { readonly kind: string }

const source = (plural: string, kind: string): FluxResource => ({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  plural,
  kind,
})
const image = (plural: string, kind: string): FluxResource => ({
  group: 'image.toolkit.fluxcd.io',
  version: 'v1',
  plural,
  kind,
})

export const GIT_REPOSITORIES = source('gitrepositories', 'GitRepository')
export const OCI_REPOSITORIES = source('ocirepositories', 'OCIRepository')
export const BUCKETS = source('buckets', 'Bucket')
export const HELM_REPOSITORIES = source('helmrepositories', 'HelmRepository')
export const HELM_CHARTS = source('helmcharts', 'HelmChart')
export const EXTERNAL_ARTIFACTS = source('externalartifacts', 'ExternalArtifact')
export const IMAGE_REPOSITORIES = image('imagerepositories', 'ImageRepository')
export const IMAGE_POLICIES = image('imagepolicies', 'ImagePolicy')
export const IMAGE_UPDATE_AUTOMATIONS = image('imageupdateautomations', 'ImageUpdateAutomation')
export const KUSTOMIZATIONS: FluxResource = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  plural: 'kustomizations',
  kind: 'Kustomization',
}

export const FINALIZER = 'finalizers.fluxcd.io'
export const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
