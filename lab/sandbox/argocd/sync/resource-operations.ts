import { messageOf } from '../../core/errors.ts'
import { equalJson, type JsonMap, mergePatch } from '../../core/json.ts'
import {
  type DiscoveredResource,
  isNotFound,
  type KubeClient,
  KubeError,
  type KubeObject,
  type ResourceId,
  type WriteOptions,
} from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'
import { FIELD_MANAGER } from '../application.ts'
import { lastApplied } from '../diff/diff.ts'
import { isBuiltInGroup, mergeKeyOf } from '../diff/merge-keys.ts'
import { LAST_APPLIED } from '../diff/normalize.ts'
import { threeWayMerge } from '../diff/three-way.ts'
import { annotation, sortedJson } from '../json.ts'
import { migratedFields } from './managed-fields.ts'

export type ApplyOptions = {
  readonly dryRun: boolean
  /** Delete and create again what cannot be changed in place. */
  readonly force: boolean
  /** Refuse fields that the kind does not have. */
  readonly validate: boolean
}

const ATTEMPTS = 5

/** What Argo CD does to objects, with the field manager and the words of the kubectl inside it. */
export class ResourceOperations {
  constructor(
    private readonly kube: KubeClient,
    private readonly resourceOf: (group: string, kind: string) => DiscoveredResource | undefined,
    private readonly observe: (object: KubeObject) => void = () => {},
  ) {}

  /** The object as the server has it now, in the version of `object`. */
  async get(object: KubeObject): Promise<KubeObject | undefined> {
    try {
      return await this.kube.get(this.resource(object), object.metadata.name, object.metadata.namespace)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** Client-side apply: `service/web created`, `configured` or `unchanged`. */
  async apply(target: KubeObject, options: ApplyOptions): Promise<string> {
    const name = describe(target)
    for (let attempt = 1; ; attempt++) {
      const live = await this.get(target)
      if (!live) return options.dryRun ? `${name} created (dry run)` : this.createApplied(target, name, options)
      const warning = annotation(live, LAST_APPLIED) === undefined ? this.missingAnnotation(target) : ''
      if (options.dryRun) return `${name} configured (dry run)${warning}`
      const patch = applyPatch(target, live)
      if (!patch) return `${name} unchanged${warning}`
      try {
        await this.patch(target, live, patch, options)
        return `${name} configured${warning}`
      } catch (error) {
        const conflict = error instanceof KubeError && error.code === 409
        if (conflict && attempt < ATTEMPTS) continue
        if (!options.force) throw withSource('patching', error)
        await this.recreate(target, live, options)
        return `${name} configured${warning}`
      }
    }
  }

  async create(target: KubeObject, options: ApplyOptions): Promise<string> {
    if (!options.dryRun) this.observe(await this.kube.create(this.resource(target), target, writing(options)))
    return `${describe(target)} created${options.dryRun ? ' (dry run)' : ''}`
  }

  async replace(target: KubeObject, options: ApplyOptions): Promise<string> {
    const name = describe(target)
    if (options.dryRun) return `${name} replaced (dry run)`
    if (options.force) {
      const live = await this.get(target)
      if (live) await this.recreate(target, live, options)
    } else this.observe(await this.kube.update(this.resource(target), target, writing(options)))
    return `${name} replaced`
  }

  /** `kubectl apply --server-side --force-conflicts` */
  async serverSideApply(target: KubeObject, options: ApplyOptions): Promise<string> {
    const { name, namespace } = target.metadata
    const write = { ...writing(options), force: true }
    this.observe(await this.kube.patch(this.resource(target), name, namespace, 'apply', target, write))
    return `${describe(target)} serverside-applied`
  }

  /** Hands what kubectl's client-side apply owns over to Argo CD, so that it can be removed when Git removes it. */
  async migrateClientSideApply(target: KubeObject): Promise<void> {
    const live = await this.get(target)
    const managedFields = live && migratedFields(live.metadata.managedFields ?? [])
    if (!live || !managedFields) return
    const { name, namespace, resourceVersion } = live.metadata
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: managedFields },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ]
    await this.kube.patch(this.resource(target), name, namespace, 'json', patch, { fieldManager: FIELD_MANAGER })
  }

  /** What the object would be after a server-side apply. */
  dryRunApply(target: KubeObject): Promise<KubeObject> {
    const { name, namespace } = target.metadata
    const options = { fieldManager: FIELD_MANAGER, force: true, dryRun: true }
    return this.kube.patch(this.resource(target), name, namespace, 'apply', target, options)
  }

  async delete(object: KubeObject, propagationPolicy: 'Foreground' | 'Background' | 'Orphan'): Promise<void> {
    const { name, namespace, uid } = object.metadata
    const options = { propagationPolicy, ...(uid ? { preconditions: { uid } } : {}) }
    await this.kube.delete(this.resource(object), name, namespace, options).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  }

  resource(object: KubeObject): ResourceId {
    const [group, version] = [groupOf(object), versionOf(object)]
    const found = this.resourceOf(group, object.kind)
    if (!found) throw new KubeError(404, 'NotFound', 'the server could not find the requested resource')
    return { group, version, plural: found.plural }
  }

  private async createApplied(target: KubeObject, name: string, options: ApplyOptions): Promise<string> {
    this.observe(await this.kube.create(this.resource(target), withLastApplied(target), writing(options)))
    return `${name} created`
  }

  private async patch(target: KubeObject, live: KubeObject, patch: JsonMap, options: ApplyOptions): Promise<void> {
    const { name, namespace, resourceVersion } = live.metadata
    // The lists in the patch were merged with this version of the object, and only fit it.
    const body = { ...patch, metadata: { ...(patch['metadata'] as JsonMap | undefined), resourceVersion } }
    this.observe(await this.kube.patch(this.resource(target), name, namespace, 'merge', body, writing(options)))
  }

  private async recreate(target: KubeObject, live: KubeObject, options: ApplyOptions): Promise<void> {
    await this.delete(live, 'Background')
    this.observe(await this.kube.create(this.resource(target), withLastApplied(target), writing(options)))
  }

  private missingAnnotation(target: KubeObject): string {
    const plural = this.resourceOf(groupOf(target), target.kind)?.plural ?? target.kind
    // kubectl puts its own name before "apply" and "create"; inside Argo CD that name is empty.
    return (
      `. Warning: resource ${plural}/${target.metadata.name} is missing the ${LAST_APPLIED} annotation which is required by ` +
      ' apply.  apply should only be used on resources created declaratively by either  create --save-config or  apply.' +
      ' The missing annotation will be patched automatically.'
    )
  }
}

const writing = ({ validate }: ApplyOptions): WriteOptions => ({
  fieldManager: FIELD_MANAGER,
  fieldValidation: validate ? 'Strict' : 'Ignore',
})

/** `deployment.apps/web`, as kubectl names what it has done something to. */
export function describe(object: KubeObject): string {
  const group = groupOf(object)
  return `${object.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${object.metadata.name}`
}

/** kubectl names the temporary file that Argo CD hands it. */
function withSource(verb: string, error: unknown): Error {
  const file = `/dev/shm/${Math.floor(Math.random() * 1e10)}`
  return new Error(`error when ${verb} "${file}": ${messageOf(error)}`)
}

/** The object with the annotation in which apply remembers what it applied: JSON with sorted keys and a newline. */
export function withLastApplied(target: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = target.metadata.annotations ?? {}
  const applied = { ...target, metadata: { ...target.metadata, annotations } }
  const text = `${sortedJson(applied)}\n`
  return { ...applied, metadata: { ...applied.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } }
}

/** The merge patch that client-side apply sends for an object that exists; undefined when nothing changes. */
export function applyPatch(target: KubeObject, live: KubeObject): JsonMap | undefined {
  const modified = withLastApplied(target) as unknown as JsonMap
  const original = (lastApplied(live) ?? {}) as JsonMap
  const builtIn = isBuiltInGroup(groupOf(target))
  const current = live as unknown as JsonMap
  const merged = threeWayMerge(original, modified, current, {
    mergeKey: (path) => (builtIn ? mergeKeyOf(target.kind, path) : undefined),
  })
  const { status: _merged, ...wanted } = merged
  const { status: _current, ...now } = current
  return equalJson(wanted, now) ? undefined : mergePatch(now, wanted)
}
