/** An object of the Kubernetes API. */
export type KubeObject = {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  // biome-ignore lint/suspicious/noExplicitAny: the fields below depend on the kind, which the reader knows
  [field: string]: any
}

export type ObjectMeta = {
  name: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: ManagedFieldsEntry[]
}

export type OwnerReference = {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export type ManagedFieldsEntry = {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType?: 'FieldsV1'
  fieldsV1?: Record<string, unknown>
  subresource?: string
}

/** Group, version and plural name of a resource; the core group is `''`. */
export type ResourceId = { readonly group: string; readonly version: string; readonly plural: string }

/** A `Status` answer of the API server, as an error. */
export class KubeError extends Error {
  override readonly name = 'KubeError'

  constructor(
    /** HTTP status code. */
    readonly code: number,
    /** `NotFound`, `Conflict`, `Invalid` … or '' */
    readonly reason: string,
    message: string,
    readonly status: Record<string, unknown> = {},
  ) {
    super(message)
  }
}

/** Whether the API server said that there is no such object or kind. */
export const isNotFound = (error: unknown): error is KubeError => error instanceof KubeError && error.code === 404

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

export type PatchType = 'merge' | 'json' | 'strategic' | 'apply'

export type ListOptions = {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export type WriteOptions = {
  readonly fieldManager?: string
  readonly force?: boolean
  readonly dryRun?: boolean
  /** What to do with fields that the kind does not have; the server warns by default. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  readonly subresource?: 'status' | 'scale'
}

export type DeleteOptions = {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** A resource as discovery tells it. */
export type DiscoveredResource = ResourceId & {
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: readonly string[]
}

/**
 * What a controller may do with the Kubernetes API, over its HTTP protocol. All methods throw `KubeError` for an
 * answer that is no success, and the connection's own error when there was no answer.
 */
export interface KubeClient {
  get(resource: ResourceId, name: string, namespace?: string): Promise<KubeObject>
  list(resource: ResourceId, options?: ListOptions): Promise<{ items: KubeObject[]; resourceVersion: string }>
  create(resource: ResourceId, object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  update(resource: ResourceId, object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  patch(
    resource: ResourceId,
    name: string,
    namespace: string | undefined,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<KubeObject>
  delete(resource: ResourceId, name: string, namespace?: string, options?: DeleteOptions): Promise<void>
  /** Every resource that the server has now, the preferred version of each group. */
  discover(): Promise<readonly DiscoveredResource[]>
  /** Lists, then watches, and goes on after a broken connection, until the signal is aborted. */
  watch(
    resource: ResourceId,
    options: ListOptions,
    handler: {
      /** All objects, after each list. */
      readonly onSync?: (objects: readonly KubeObject[]) => void
      readonly onEvent: (event: WatchEvent) => void
      /** The list or watch failed (the kind may not exist yet); it is tried again after a pause. */
      readonly onError?: (error: Error) => void
    },
    signal: AbortSignal,
  ): void
}
