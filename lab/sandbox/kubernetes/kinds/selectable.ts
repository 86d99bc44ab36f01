import type { CustomResource, KubeObject, Resource } from '../types.ts'
import type { Json } from './normalize.ts'

type Fields = (object: Json) => Record<string, string | undefined>

const selectable: Readonly<Record<string, Fields>> = {
  '/Pod': ({ spec = {}, status = {} }) => ({
    'spec.nodeName': spec.nodeName,
    'spec.restartPolicy': spec.restartPolicy,
    'spec.schedulerName': spec.schedulerName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status.phase,
    'status.podIP': status.podIP,
    'status.podIPs': status.podIPs?.[0]?.ip,
    'status.nominatedNodeName': status.nominatedNodeName,
  }),
  '/Namespace': ({ status = {} }) => ({ 'status.phase': status.phase }),
  '/Node': ({ spec = {} }) => ({ 'spec.unschedulable': String(spec.unschedulable ?? false) }),
  '/Secret': ({ type }) => ({ type }),
  '/Service': ({ spec = {} }) => ({ 'spec.clusterIP': spec.clusterIP, 'spec.type': spec.type }),
  '/ReplicationController': ({ status = {} }) => ({ 'status.replicas': String(status.replicas ?? 0) }),
  'apps/ReplicaSet': ({ status = {} }) => ({ 'status.replicas': String(status.replicas ?? 0) }),
  'batch/Job': ({ status = {} }) => ({ 'status.successful': String(status.succeeded ?? 0) }),
  '/Event': ({ involvedObject = {}, reason, reportingComponent, source = {}, type }) => ({
    'involvedObject.kind': involvedObject.kind,
    'involvedObject.namespace': involvedObject.namespace,
    'involvedObject.name': involvedObject.name,
    'involvedObject.uid': involvedObject.uid,
    'involvedObject.apiVersion': involvedObject.apiVersion,
    'involvedObject.resourceVersion': involvedObject.resourceVersion,
    'involvedObject.fieldPath': involvedObject.fieldPath,
    reason,
    reportingComponent,
    source: source.component || reportingComponent,
    type,
  }),
  'events.k8s.io/Event': ({ regarding = {}, reason, reportingController, type }) => ({
    'regarding.kind': regarding.kind,
    'regarding.namespace': regarding.namespace,
    'regarding.name': regarding.name,
    'regarding.uid': regarding.uid,
    'regarding.apiVersion': regarding.apiVersion,
    'regarding.resourceVersion': regarding.resourceVersion,
    'regarding.fieldPath': regarding.fieldPath,
    reason,
    reportingController,
    type,
  }),
}

const customFields =
  ({ selectableFields = [] }: CustomResource): Fields =>
  (object) =>
    Object.fromEntries(
      selectableFields.map((path) => {
        const names = path.split('.').filter(Boolean)
        const value: Json = names.reduce((inner: Json, name) => inner?.[name], object)
        return [names.join('.'), value === undefined || value === null ? undefined : String(value)]
      }),
    )

/**
 * The fields of an object that a field selector may ask for, absent ones as ''. The names depend on the kind alone, so
 * any object of it tells which are known.
 */
export function selectableFields(resource: Resource, object: KubeObject): Record<string, string> {
  const own = resource.custom ? customFields(resource.custom) : selectable[`${resource.group}/${resource.kind}`]
  const fields: Record<string, string> = { 'metadata.name': object.metadata.name ?? '' }
  if (resource.namespaced) fields['metadata.namespace'] = object.metadata.namespace ?? ''
  for (const [name, value] of Object.entries(own?.(object) ?? {})) fields[name] = value ?? ''
  return fields
}
