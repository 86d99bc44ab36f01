import { isDeepStrictEqual } from 'node:util'
import type { TimerLabel } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { isNotFound, KubeError, type KubeObject } from '../../core/kube-client.ts'
import type { Action, ChangeSetEntry, Cluster } from './cluster.ts'
import { type Identity, identityOf, stagesOf, subjectText } from './identity.ts'
import { cleanupPatch, FIELD_MANAGER } from './managed-fields.ts'
import { type Mapping, NoMatch } from './mapper.ts'
import { waitForSet } from './wait.ts'

export type ApplyOptions = {
  readonly force: boolean
  readonly timeout: number
  readonly label: TimerLabel
}

/** A stage could not be applied: `changes` are those of the stages before it. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError'

  constructor(
    cause: string,
    readonly changes: readonly ChangeSetEntry[],
  ) {
    super(`${cause}\n${changedLines(changes).join('\n')}`)
  }
}

const GROUP = 'kustomize.toolkit.fluxcd.io'
const STAGE_POLL = 2_000

/** `Deployment/demo/web configured`, for entries that are changes. */
export const changedLines = (changes: readonly ChangeSetEntry[]): readonly string[] =>
  changes
    .filter(({ action }) => action !== 'unchanged' && action !== 'skipped')
    .map(({ identity, action }) => `${subjectText(identity)} ${action}`)

/** Whether a label or an annotation of this name has this value, in any case of letters. */
export const hasInMetadata = (object: KubeObject | undefined, name: string, value: string): boolean =>
  [object?.metadata.labels, object?.metadata.annotations].some(
    (entries) => entries?.[`${GROUP}/${name}`]?.toLowerCase() === value.toLowerCase(),
  )

/**
 * Applies objects in stages: definitions and namespaces, which must be ready before the rest, then classes, then
 * everything else. In a stage nothing is written unless all of it passes a dry run. @throws ApplyError
 */
export async function applyStaged(
  cluster: Cluster,
  objects: readonly KubeObject[],
  options: ApplyOptions,
): Promise<readonly ChangeSetEntry[]> {
  const changes: ChangeSetEntry[] = []
  const [definitions = [], classes = [], rest = []] = stagesOf(objects)
  try {
    for (const stage of [definitions, classes]) {
      if (stage.length === 0) continue
      const applied = await applyAll(cluster, stage, options)
      changes.push(...applied)
      const waiting = { interval: STAGE_POLL, timeout: options.timeout, label: options.label }
      await waitForSet(
        cluster,
        applied.map(({ identity }) => identity),
        waiting,
      )
    }
    changes.push(...(await applyAll(cluster, rest, options)))
    return changes
  } catch (error) {
    if (cluster.signal.aborted) throw error
    throw new ApplyError(messageOf(error), changes)
  }
}

async function applyAll(
  cluster: Cluster,
  objects: readonly KubeObject[],
  options: ApplyOptions,
): Promise<readonly ChangeSetEntry[]> {
  const plans = await Promise.all(objects.map((object) => plan(cluster, object, options)))
  for (const [at, { mapping, entry }] of plans.entries()) {
    if (entry.action !== 'created' && entry.action !== 'configured') continue
    const object = objects[at] as KubeObject
    try {
      await serverSideApply(cluster, mapping as Mapping, object, false)
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      throw new Error(`${subjectText(identityOf(object))} apply failed: ${error.message}`)
    }
  }
  return plans.map(({ entry }) => entry)
}

type Plan = { readonly mapping: Mapping | undefined; readonly entry: ChangeSetEntry }

/** What applying one object would do, by a dry run; also hands over what kubectl wrote, and replaces if forced. */
async function plan(cluster: Cluster, object: KubeObject, options: ApplyOptions): Promise<Plan> {
  const identity = identityOf(object)
  const version = object.apiVersion.split('/').at(-1) as string
  const planned = (mapping: Mapping | undefined, action: Action): Plan => ({
    mapping,
    entry: { identity, version, action },
  })
  let mapping: Mapping
  try {
    mapping = await cluster.mapper.find(object.apiVersion, object.kind)
  } catch (error) {
    if (error instanceof NoMatch) throw new Error(`${subjectText(identity)} dry-run failed: ${error.message}`)
    throw error
  }
  const existing = await getIfExists(cluster, mapping, object)
  const excluded = [object, existing].some(
    (one) => hasInMetadata(one, 'reconcile', 'disabled') || hasInMetadata(one, 'ssa', 'Ignore'),
  )
  if (excluded || (existing && hasInMetadata(object, 'ssa', 'IfNotPresent'))) return planned(mapping, 'skipped')

  let dryRun: KubeObject
  let current = existing
  try {
    dryRun = await serverSideApply(cluster, mapping, object, true)
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    const forced = options.force || [object, existing].some((one) => hasInMetadata(one, 'force', 'enabled'))
    if (!existing || !forced || !isImmutable(error)) throw dryRunError(identity, error)
    await replaceable(cluster, mapping, object, options.label)
    current = undefined
    try {
      dryRun = await serverSideApply(cluster, mapping, object, true)
    } catch (again) {
      throw again instanceof KubeError ? dryRunError(identity, again) : again
    }
  }
  if (!current) return planned(mapping, 'created')
  const cleaned = await cleanUp(cluster, mapping, object, current)
  return planned(mapping, cleaned || hasDrifted(current, dryRun) ? 'configured' : 'unchanged')
}

const namespaceFor = (mapping: Mapping, object: KubeObject): string | undefined =>
  mapping.namespaced ? object.metadata.namespace : undefined

async function getIfExists({ kube }: Cluster, mapping: Mapping, object: KubeObject): Promise<KubeObject | undefined> {
  try {
    return await kube.get(mapping, object.metadata.name, namespaceFor(mapping, object))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const serverSideApply = ({ kube }: Cluster, mapping: Mapping, object: KubeObject, dryRun: boolean) =>
  kube.patch(mapping, object.metadata.name, namespaceFor(mapping, object), 'apply', object, {
    fieldManager: FIELD_MANAGER,
    force: true,
    ...(dryRun ? { dryRun } : {}),
  })

async function cleanUp(
  { kube, overrideManagers }: Cluster,
  mapping: Mapping,
  object: KubeObject,
  existing: KubeObject,
) {
  if ([object, existing].some((one) => hasInMetadata(one, 'ssa', 'Merge'))) return false
  const patch = cleanupPatch(existing, overrideManagers)
  if (patch.length === 0) return false
  await kube.patch(mapping, object.metadata.name, namespaceFor(mapping, object), 'json', patch, {
    fieldManager: FIELD_MANAGER,
  })
  return true
}

/** Deletes an object that cannot be changed and waits until it is gone. */
async function replaceable(cluster: Cluster, mapping: Mapping, object: KubeObject, label: TimerLabel): Promise<void> {
  await cluster.kube.delete(mapping, object.metadata.name, namespaceFor(mapping, object), {
    propagationPolicy: 'Background',
  })
  while (await getIfExists(cluster, mapping, object)) {
    await cluster.clock.sleep(STAGE_POLL, cluster.signal, label)
  }
}

const isImmutable = ({ reason, message }: KubeError): boolean =>
  reason === 'Conflict' || reason === 'Invalid' || /is immutable|immutable field/.test(message)

function dryRunError(identity: Identity, error: KubeError): Error {
  const subject = subjectText(identity)
  if (error.code === 404 || error.reason === 'NotFound') {
    return new Error(`${subject} ${identity.namespace ? 'not found' : 'namespace not specified'}: ${error.message}`)
  }
  return new Error(`${subject} dry-run failed${error.reason ? ` (${error.reason})` : ''}: ${error.message}`)
}

/** Whether the object that an apply would leave differs from the one that is there, status and bookkeeping aside. */
export function hasDrifted(existing: KubeObject, dryRun: KubeObject): boolean {
  const within = (wanted: Record<string, string> = {}, found: Record<string, string> = {}) =>
    Object.entries(wanted).every(([key, value]) => found[key] === value)
  if (!within(dryRun.metadata.labels, existing.metadata.labels)) return true
  if (!within(dryRun.metadata.annotations, existing.metadata.annotations)) return true
  const content = ({ metadata: _, status: __, ...fields }: KubeObject) => fields
  return !isDeepStrictEqual(content(existing), content(dryRun))
}
