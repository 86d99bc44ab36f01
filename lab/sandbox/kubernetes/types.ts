import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { KubeObject, PatchType, ResourceId } from '../core/kube-client.ts'

export type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference, ResourceId } from '../core/kube-client.ts'

/** A resource that the API server serves: a built-in kind or one that a CustomResourceDefinition made. */
export type Resource = ResourceId & {
  readonly kind: string
  readonly singular: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  /** `status`, `scale`, `log`, `exec` … */
  readonly subresources: readonly string[]
  /** Whether `metadata.generation` is kept (Deployment yes, ConfigMap no). */
  readonly hasGeneration: boolean
  /** Present when the resource comes from a CustomResourceDefinition. */
  readonly custom?: CustomResource
}

/** What a version of a CustomResourceDefinition says beside its names. */
export type CustomResource = {
  readonly definition: string
  /** `openAPIV3Schema` as given. */
  readonly schema: Record<string, unknown> | undefined
  readonly columns: readonly { name: string; type: string; jsonPath: string; priority?: number; description?: string }[]
  readonly scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string }
  /** Paths that field selectors may ask for: `.spec.size`. */
  readonly selectableFields?: readonly string[]
  readonly deprecationWarning?: string
}

/** The shape of a value, as patches and server-side apply need it. */
export type Schema = {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'any'
  readonly fields?: Readonly<Record<string, Schema>>
  /** Values of a map with free keys. */
  readonly values?: Schema
  readonly items?: Schema
  /** `x-kubernetes-list-type`; absent means atomic. */
  readonly list?: 'atomic' | 'set' | 'map'
  readonly listKeys?: readonly string[]
  /** Merge key of the strategic merge patch; absent means replace (for lists of scalars: see `mergeScalars`). */
  readonly mergeKey?: string
  readonly mergeScalars?: boolean
  /** The object or map is one value for server-side apply (`x-kubernetes-map-type: atomic`). */
  readonly atomic?: boolean
  readonly preserveUnknown?: boolean
}

/** One line of a 422: `reason` is the API's cause (`FieldValueInvalid` …), `message` without the field in front. */
export type FieldError = { readonly field: string; readonly reason: string; readonly message: string }

/** Who writes and how. */
export type Writer = {
  readonly user: string
  readonly groups: readonly string[]
  readonly fieldManager: string
  readonly dryRun?: boolean
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** Server-side apply: take fields over from other managers. */
  readonly force?: boolean
  /** Adds a `Warning` header to the answer. */
  readonly warn?: (text: string) => void
}

export type Selectors = { readonly labelSelector?: string; readonly fieldSelector?: string }

export type RegistryEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  readonly previous?: KubeObject
}

export type RemoveOptions = {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/**
 * The API server without HTTP: admission, defaults, validation, ownership of fields, storage. Synchronous. Objects
 * that go out are shared and frozen by agreement: clone before changing. Every method throws `ApiError` with the
 * Status that a real API server answers.
 */
export interface Registry {
  resources(): readonly Resource[]
  /** By group and plural; the version may be left out for the preferred one. */
  find(group: string, plural: string, version?: string): Resource | undefined
  get(resource: Resource, namespace: string | undefined, name: string): KubeObject
  list(
    resource: Resource,
    namespace: string | undefined,
    selectors?: Selectors,
  ): { items: KubeObject[]; resourceVersion: string }
  create(resource: Resource, namespace: string | undefined, object: KubeObject, writer: Writer): KubeObject
  update(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    object: KubeObject,
    writer: Writer,
    subresource?: string,
  ): KubeObject
  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: { readonly type: PatchType; readonly body: unknown },
    writer: Writer,
    subresource?: string,
  ): { object: KubeObject; created: boolean }
  /** The object as it was last, with `gone` false while finalizers or a grace period keep it. */
  remove(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: RemoveOptions,
    writer: Writer,
  ): { object: KubeObject; gone: boolean }
  /** Calls back synchronously after each write, in order of resourceVersion. */
  watch(resource: Resource, notify: (event: RegistryEvent) => void): () => void
}

/** A subresource that is a connection: `pods/log`, `pods/exec`, `pods/portforward`, `services/proxy` … */
export type Connection = {
  readonly resource: Resource
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** What follows the subresource in the path, for proxies: `/1`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly request: IncomingMessage
}

/** What the running cluster adds to the API server. */
export interface Connector {
  /** Answers an ordinary request (log, proxy). */
  serve(connection: Connection, response: ServerResponse): Promise<void>
  /** Answers a request to change protocols (exec, attach, port-forward, proxied WebSocket). */
  upgrade(connection: Connection, socket: Duplex, head: Buffer): Promise<void>
}
