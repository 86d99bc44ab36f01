import type { KubeObject, ObjectMeta, ResourceId } from '../core/kube-client.ts'

export const APPLICATIONS: ResourceId = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' }
export const PROJECTS: ResourceId = { group: 'argoproj.io', version: 'v1alpha1', plural: 'appprojects' }

/** The one cluster that the sandbox has, as every Argo CD names its own. */
export const IN_CLUSTER = { server: 'https://kubernetes.default.svc', name: 'in-cluster' } as const

export const REFRESH_ANNOTATION = 'argocd.argoproj.io/refresh'
export const FIELD_MANAGER = 'argocd-controller'

export type KustomizeOptions = {
  namePrefix?: string
  nameSuffix?: string
  namespace?: string
  images?: string[]
  commonLabels?: Record<string, string>
  commonAnnotations?: Record<string, string>
  commonAnnotationsEnvsubst?: boolean
  forceCommonLabels?: boolean
  forceCommonAnnotations?: boolean
  labelWithoutSelector?: boolean
  labelIncludeTemplates?: boolean
  replicas?: { name: string; count: number | string }[]
  patches?: Record<string, unknown>[]
  components?: string[]
  ignoreMissingComponents?: boolean
  version?: string
  kubeVersion?: string
  apiVersions?: string[]
}

export type DirectoryOptions = { recurse?: boolean; include?: string; exclude?: string; jsonnet?: object }

export type Source = {
  repoURL: string
  path?: string
  targetRevision?: string
  chart?: string
  ref?: string
  name?: string
  kustomize?: KustomizeOptions
  directory?: DirectoryOptions
  helm?: object
  plugin?: object
}

export type Destination = { server?: string; name?: string; namespace?: string }

export type IgnoreDifference = {
  group?: string
  kind: string
  name?: string
  namespace?: string
  jsonPointers?: string[]
  jqPathExpressions?: string[]
  managedFieldsManagers?: string[]
}

export type RetryStrategy = {
  limit?: number
  refresh?: boolean
  backoff?: { duration?: string; factor?: number; maxDuration?: string }
}

export type ManagedNamespaceMetadata = { labels?: Record<string, string>; annotations?: Record<string, string> }

export type SyncPolicy = {
  automated?: { enabled?: boolean; prune?: boolean; selfHeal?: boolean; allowEmpty?: boolean }
  syncOptions?: string[]
  retry?: RetryStrategy
  managedNamespaceMetadata?: ManagedNamespaceMetadata
}

export type ApplicationSpec = {
  project: string
  source?: Source
  sources?: Source[]
  sourceHydrator?: object
  destination: Destination
  syncPolicy?: SyncPolicy
  ignoreDifferences?: IgnoreDifference[]
  revisionHistoryLimit?: number
  info?: { name: string; value: string }[]
}

export type SyncOperationResource = {
  group?: string
  kind: string
  name: string
  namespace?: string
  exclude?: boolean
}

export type SyncOperation = {
  revision?: string
  revisions?: string[]
  prune?: boolean
  dryRun?: boolean
  syncStrategy?: { apply?: { force?: boolean }; hook?: { force?: boolean } }
  resources?: SyncOperationResource[]
  source?: Source
  sources?: Source[]
  manifests?: string[]
  syncOptions?: string[]
  autoHealAttemptsCount?: number
}

export type Operation = {
  sync?: SyncOperation
  initiatedBy?: { username?: string; automated?: boolean }
  info?: { name: string; value: string }[]
  retry?: RetryStrategy
}

export type HealthStatusCode = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown'
export type SyncStatusCode = 'Synced' | 'OutOfSync' | 'Unknown'
export type OperationPhase = 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded'
export type ResultCode = 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped'
export type SyncPhase = 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail'
export type SourceType = 'Helm' | 'Kustomize' | 'Directory' | 'Plugin'

export type HealthStatus = { status: HealthStatusCode; message?: string }

export type ConditionType =
  | 'DeletionError'
  | 'InvalidSpecError'
  | 'ComparisonError'
  | 'SyncError'
  | 'SharedResourceWarning'
  | 'RepeatedResourceWarning'
  | 'ExcludedResourceWarning'

export type Condition = { type: ConditionType; message: string; lastTransitionTime?: string }

export type ResourceStatus = {
  group?: string
  version?: string
  kind: string
  namespace?: string
  name?: string
  status?: SyncStatusCode
  hook?: boolean
  requiresPruning?: boolean
  requiresDeletionConfirmation?: boolean
  syncWave?: number
}

export type ComparedTo = {
  source?: Source
  sources?: Source[]
  destination: Destination
  ignoreDifferences?: IgnoreDifference[]
}

export type SyncStatus = {
  status: SyncStatusCode
  comparedTo?: ComparedTo
  revision?: string
  revisions?: string[]
}

export type ResourceResult = {
  group: string
  version: string
  kind: string
  namespace: string
  name: string
  status?: ResultCode
  message?: string
  hookType?: string
  hookPhase?: OperationPhase
  syncPhase?: SyncPhase
  images?: string[]
}

export type SyncOperationResult = {
  resources?: ResourceResult[]
  revision?: string
  revisions?: string[]
  source?: Source
  sources?: Source[]
  managedNamespaceMetadata?: ManagedNamespaceMetadata
}

export type OperationState = {
  operation: Operation
  phase: OperationPhase
  message?: string
  syncResult?: SyncOperationResult
  startedAt: string
  finishedAt?: string
  retryCount?: number
}

export type RevisionHistory = {
  id: number
  revision?: string
  revisions?: string[]
  source?: Source
  sources?: Source[]
  deployedAt: string
  deployStartedAt?: string
  initiatedBy?: Operation['initiatedBy']
}

export type Summary = { images?: string[]; externalURLs?: string[]; isAppOfApps?: boolean }

export type ApplicationStatus = {
  resources?: ResourceStatus[]
  sync?: SyncStatus
  health?: { status: HealthStatusCode; lastTransitionTime?: string }
  history?: RevisionHistory[]
  conditions?: Condition[]
  reconciledAt?: string
  operationState?: OperationState
  sourceType?: SourceType
  sourceTypes?: SourceType[]
  summary?: Summary
  resourceHealthSource?: string
  controllerNamespace?: string
}

export type Application = KubeObject & {
  metadata: ObjectMeta
  spec: ApplicationSpec
  status?: ApplicationStatus
  operation?: Operation
}

/** The sources of an Application: `sources` wins over `source`. */
export const sourcesOf = (spec: ApplicationSpec): readonly Source[] =>
  spec.sources?.length ? spec.sources : spec.source ? [spec.source] : []

export const isMultiSource = (spec: ApplicationSpec): boolean => (spec.sources?.length ?? 0) > 0

/** `namespace/name`, as messages and labels of timers spell an Application. */
export const qualifiedName = (app: { metadata: ObjectMeta }): string => `${app.metadata.namespace}/${app.metadata.name}`

export const isAutomated = (spec: ApplicationSpec): boolean =>
  spec.syncPolicy?.automated !== undefined &&
  spec.syncPolicy.automated !== null &&
  spec.syncPolicy.automated.enabled !== false

export const isCompleted = (phase: OperationPhase | undefined): boolean =>
  phase === 'Failed' || phase === 'Error' || phase === 'Succeeded'

/** Whether the Application says that deleting what asks for confirmation was approved of, at this time or later. */
export function isDeletionApproved(app: { metadata: ObjectMeta }, since: string): boolean {
  const approved = Date.parse(app.metadata.annotations?.['argocd.argoproj.io/deletion-approved'] ?? '')
  return approved >= Date.parse(since)
}
