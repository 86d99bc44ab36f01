import type { KubeObject, Resource, Writer } from '../../types.ts'
import { prefixOf } from '../registry/keys.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { CLEANUP_FINALIZER, DEFINITIONS } from '../registry/resources.ts'
import { equal, timestamp } from '../registry/values.ts'
import { type Condition, withConditions } from './conditions.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
  fieldManager: 'kube-apiserver',
}

type Names = { plural: string; singular?: string; kind: string; listKind?: string; shortNames?: string[] }

/** Accepts the names of CustomResourceDefinitions, establishes them, and deletes their objects before they go. */
export class DefinitionController implements Controller {
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void
  private readonly resource: Resource

  constructor(
    private readonly registry: StoreRegistry,
    { clock, log }: ControllerOptions,
  ) {
    this.resource = registry.find(DEFINITIONS.group, DEFINITIONS.plural) as Resource
    this.queue = new WorkQueue(clock, (name) => this.reconcile(name), log)
    for (const { metadata } of registry.storage.list(this.resource, undefined)) this.queue.add(metadata.name)
    this.unsubscribe = registry.storage.feed.subscribe('', ({ type, entry }) => {
      const { metadata, spec } = entry.value as KubeObject
      if (entry.key.startsWith(prefixOf(DEFINITIONS))) {
        if (type === 'put') this.queue.add(metadata.name)
        // Names that this one had taken may be free now.
        else for (const other of this.siblings(spec.group)) this.queue.add(other.metadata.name)
      } else if (type === 'delete') this.wakeTerminating(entry.key)
    })
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private siblings(group: string): KubeObject[] {
    return this.registry.storage.list(this.resource, undefined).filter(({ spec }) => spec.group === group)
  }

  private wakeTerminating(key: string): void {
    for (const { metadata, spec } of this.registry.storage.list(this.resource, undefined)) {
      const prefix = prefixOf({ group: spec.group, plural: spec.names.plural })
      if (metadata.deletionTimestamp && key.startsWith(prefix)) this.queue.add(metadata.name)
    }
  }

  private reconcile(name: string): void {
    const definition = this.registry.storage.read(this.resource, undefined, name)
    if (!definition) return
    if (definition.metadata.deletionTimestamp) this.cleanUp(definition)
    else this.accept(definition)
  }

  private accept(definition: KubeObject): void {
    const names = definition['spec'].names as Names
    const clash = this.clash(definition)
    const storage = definition['spec'].versions.find((version: { storage: boolean }) => version.storage)?.name
    const stored: string[] = definition['status']?.storedVersions ?? []
    const present = (definition['status']?.conditions ?? []) as Condition[]
    const established = present.some(({ type, status }) => type === 'Established' && status === 'True')
    const status = {
      ...definition['status'],
      acceptedNames: clash ? (definition['status']?.acceptedNames ?? { plural: '', kind: '' }) : names,
      storedVersions: storage && !stored.includes(storage) ? [...stored, storage] : stored,
      conditions: withConditions(present, conditionsOf(clash, established), timestamp(this.registry.clock.now())),
    }
    if (equal(status, definition['status'])) return
    this.registry.update(
      this.resource,
      undefined,
      definition.metadata.name,
      { ...definition, status },
      WRITER,
      'status',
    )
  }

  /** The first name that another definition of the group has, with the reason that the API gives. */
  private clash({ metadata, spec }: KubeObject): { reason: string; message: string } | undefined {
    const names = spec.names as Names
    const others = this.siblings(spec.group).filter((other) => other.metadata.name !== metadata.name)
    const accepted = others.flatMap(({ status }) =>
      status?.acceptedNames?.plural ? [status.acceptedNames as Names] : [],
    )
    const words = new Set(
      accepted.flatMap((other) => [other.plural, other.singular ?? '', ...(other.shortNames ?? [])]),
    )
    const kinds = new Set(accepted.flatMap((other) => [other.kind, other.listKind ?? '']))
    const inUse = (reason: string, name: string) => ({ reason, message: `${JSON.stringify(name)} is already in use` })
    if (words.has(names.plural)) return inUse('PluralConflict', names.plural)
    if (names.singular && words.has(names.singular)) return inUse('SingularConflict', names.singular)
    const short = names.shortNames?.find((name) => words.has(name))
    if (short) return inUse('ShortNamesConflict', short)
    if (kinds.has(names.kind)) return inUse('KindConflict', names.kind)
    if (names.listKind && kinds.has(names.listKind)) return inUse('ListKindConflict', names.listKind)
    return undefined
  }

  private cleanUp(definition: KubeObject): void {
    const { metadata, spec } = definition
    if (!metadata.finalizers?.includes(CLEANUP_FINALIZER)) return
    const resource = this.registry.find(spec.group, spec.names.plural)
    if (resource) {
      for (const object of this.registry.storage.list(resource, undefined)) {
        if (object.metadata.deletionTimestamp) continue
        this.registry.remove(resource, object.metadata.namespace, object.metadata.name, {}, WRITER)
      }
      if (this.registry.storage.list(resource, undefined).length > 0) return
    }
    const finalizers = metadata.finalizers.filter((name) => name !== CLEANUP_FINALIZER)
    const released = { ...definition, metadata: { ...metadata, finalizers } }
    this.registry.update(this.resource, undefined, metadata.name, released, WRITER)
  }
}

function conditionsOf(clash: { reason: string; message: string } | undefined, established: boolean): Condition[] {
  if (!clash) {
    return [
      { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ]
  }
  const refused: Condition = { type: 'NamesAccepted', status: 'False', ...clash }
  if (established) return [refused]
  const why = 'not all names are accepted'
  return [refused, { type: 'Established', status: 'False', reason: 'NotAccepted', message: why }]
}
