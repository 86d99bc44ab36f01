import type { KubeObject, Resource } from '../../types.ts'
import { modelOf, modelOfResource } from '../model/model.ts'
import { type Json, normalize } from '../normalize.ts'
import { preparePod } from './pod.ts'
import { prepareService } from './service.ts'

/** Kinds without a status subresource of their own that still have a `status` of their own making. */
const STATUS_FROM_CLIENT = new Set(['/Node', '/ComponentStatus'])

/** The status of a kind at its creation, where it is not simply empty. */
const initialStatus: Readonly<Record<string, Json>> = {
  '/Namespace': { phase: 'Active' },
  '/Pod': { phase: 'Pending' },
  '/PersistentVolume': { phase: 'Pending' },
  '/PersistentVolumeClaim': { phase: 'Pending' },
}

/**
 * What the strategy of a kind does to an object before it is validated; a new object. At creation the status is reset;
 * a write to the main resource keeps the old status; a write to `status` keeps everything but the status, labels and
 * annotations. Expects `metadata.name`, `namespace` and `uid` to be set already (a Job's labels are made of them).
 */
export function prepare(
  resource: Resource,
  object: KubeObject,
  old: KubeObject | undefined,
  subresource: string | undefined,
): KubeObject {
  if (subresource === 'status') return old ? withStatusOnly(object, old) : object
  if (subresource !== undefined) return object
  const result = { ...object }
  resetStatus(resource, result, old)
  strategies[`${resource.group}/${resource.kind}`]?.(result, old)
  return result
}

/** Spec and the rest as they were; of the metadata only what a status write may change. */
function withStatusOnly(object: KubeObject, old: KubeObject): KubeObject {
  const { labels: _, annotations: __, managedFields: ___, ...metadata } = old.metadata
  const { labels, annotations, managedFields } = object.metadata
  const result: KubeObject = {
    ...old,
    metadata: {
      ...metadata,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(managedFields ? { managedFields } : {}),
    },
  }
  if (object['status'] === undefined) delete result['status']
  else result['status'] = object['status']
  return result
}

function resetStatus(resource: Resource, object: KubeObject, old: KubeObject | undefined): void {
  const key = `${resource.group}/${resource.kind}`
  if (resource.custom) {
    if (!resource.subresources.includes('status')) return
    if (old?.['status'] === undefined) delete object['status']
    else object['status'] = old['status']
    return
  }
  const type = modelOfResource(resource)?.fields.get('status')?.type
  if (type?.kind !== 'object' || STATUS_FROM_CLIENT.has(key) || !resource.subresources.includes('status')) {
    if (key === '/Node' && old) object['status'] = old['status']
    return
  }
  object['status'] = old ? old['status'] : normalize(modelOf(type.model), initialStatus[key] ?? {})
}

const strategies: Readonly<Record<string, (object: KubeObject, old: KubeObject | undefined) => void>> = {
  '/Namespace': prepareNamespace,
  '/Pod': preparePod,
  '/Service': prepareService,
  'batch/Job': prepareJob,
  'apps/StatefulSet': keepClaimTemplates,
  'apiextensions.k8s.io/CustomResourceDefinition': prepareDefinition,
}

function prepareNamespace(object: KubeObject, old: KubeObject | undefined): void {
  const finalizers: string[] = old ? (old['spec']?.finalizers ?? []) : [...(object['spec']?.finalizers ?? [])]
  if (!old && !finalizers.includes('kubernetes')) finalizers.push('kubernetes')
  object['spec'] = { ...object['spec'], ...(finalizers.length > 0 ? { finalizers } : {}) }
  if (finalizers.length === 0) delete object['spec'].finalizers
}

const JOB_LABELS = ['batch.kubernetes.io/controller-uid', 'controller-uid'] as const
const JOB_NAME_LABELS = ['batch.kubernetes.io/job-name', 'job-name'] as const

/** Without `manualSelector` a Job selects its pods by its own uid. */
function prepareJob(object: KubeObject, old: KubeObject | undefined): void {
  const { uid, name } = object.metadata
  if (old || object['spec'].manualSelector || !uid) return
  const generated: Record<string, string> = {}
  for (const label of JOB_LABELS) generated[label] = uid
  for (const label of JOB_NAME_LABELS) generated[label] = name
  const { template } = object['spec']
  object['spec'] = {
    ...object['spec'],
    selector: {
      ...object['spec'].selector,
      matchLabels: { [JOB_LABELS[0]]: uid, ...object['spec'].selector?.matchLabels },
    },
    template: {
      ...template,
      metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...generated } },
    },
  }
  // Defaulting copies the template's labels to a Job that has none.
  object.metadata = { ...object.metadata, labels: object.metadata.labels ?? object['spec'].template.metadata.labels }
}

/** Claims of a template keep the form in which they were stored, so that an unchanged one is seen as unchanged. */
function keepClaimTemplates(object: KubeObject, old: KubeObject | undefined): void {
  const before = old?.['spec'].volumeClaimTemplates
  if (!before || JSON.stringify(before) !== JSON.stringify(object['spec'].volumeClaimTemplates)) return
  object['spec'] = { ...object['spec'], volumeClaimTemplates: before }
}

function prepareDefinition(object: KubeObject, old: KubeObject | undefined): void {
  const storage = (object['spec'].versions ?? []).find((version: Json) => version.storage)?.name
  const stored: string[] = old?.['status']?.storedVersions ?? []
  const next = storage && !stored.includes(storage) ? [...stored, storage] : stored
  object['status'] = { ...object['status'], storedVersions: next.length > 0 ? next : null }
}
