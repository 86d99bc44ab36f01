import type { Json } from '../normalize.ts'
import { ageColumn, count, flag, nameColumn, type Printer, printer, text, wide } from './columns.ts'
import { ageOf, orNone, since } from './values.ts'

const size = (map: Json): number => Object.keys(map ?? {}).length

const configMap = printer(
  () => [nameColumn(), text('Data', 'V1ConfigMap.data'), ageColumn()],
  (object, now) => [object.metadata.name, size(object.data) + size(object.binaryData), ageOf(object, now)],
)

const secret = printer(
  () => [nameColumn(), text('Type', 'V1Secret.type'), text('Data', 'V1Secret.data'), ageColumn()],
  (object, now) => [object.metadata.name, object.type, size(object.data), ageOf(object, now)],
)

const serviceAccount = printer(
  () => [nameColumn(), text('Secrets', 'V1ServiceAccount.secrets'), ageColumn()],
  (object, now) => [object.metadata.name, object.secrets?.length ?? 0, ageOf(object, now)],
)

const namespace = printer(
  () => [nameColumn(), text('Status', 'The status of the namespace'), ageColumn()],
  (object, now) => [object.metadata.name, object.status?.phase ?? '', ageOf(object, now)],
)

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function nodeStatus({ spec, status }: Json): string {
  const ready = status?.conditions?.find(({ type }: Json) => type === 'Ready')
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  return spec?.unschedulable ? `${state},SchedulingDisabled` : state
}

const nodeRoles = (labels: Record<string, string> = {}): string => {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)].filter(Boolean)
    return key === 'kubernetes.io/role' && value ? [value] : []
  })
  return orNone([...new Set(roles)].sort().join(','))
}

const address = (status: Json, wanted: string): string =>
  orNone(status?.addresses?.find(({ type }: Json) => type === wanted)?.address)

const node = printer(
  () => [
    nameColumn(),
    text('Status', 'The status of the node'),
    text('Roles', 'The roles of the node'),
    ageColumn(),
    text('Version', 'V1NodeSystemInfo.kubeletVersion'),
    wide('Internal-IP', 'V1NodeStatus.addresses'),
    wide('External-IP', 'V1NodeStatus.addresses'),
    wide('OS-Image', 'V1NodeSystemInfo.osImage'),
    wide('Kernel-Version', 'V1NodeSystemInfo.kernelVersion'),
    wide('Container-Runtime', 'V1NodeSystemInfo.containerRuntimeVersion'),
  ],
  (object, now) => {
    const { metadata, status } = object
    const info = status?.nodeInfo ?? {}
    return [
      metadata.name,
      nodeStatus(object),
      nodeRoles(metadata.labels),
      ageOf(object, now),
      info.kubeletVersion ?? '',
      address(status, 'InternalIP'),
      address(status, 'ExternalIP'),
      info.osImage || '<unknown>',
      info.kernelVersion || '<unknown>',
      info.containerRuntimeVersion || '<unknown>',
    ]
  },
)

/** Both shapes of an event by the names of the core one. */
function eventParts(event: Json): Json {
  const modern = event.apiVersion === 'events.k8s.io/v1'
  const series = event.series
  const first = (modern ? event.deprecatedFirstTimestamp : event.firstTimestamp) ?? event.eventTime
  const last = modern ? event.deprecatedLastTimestamp : event.lastTimestamp
  const times = (modern ? event.deprecatedCount : event.count) ?? 0
  return {
    object: (modern ? event.regarding : event.involvedObject) ?? {},
    source: (modern ? event.deprecatedSource : event.source) ?? {},
    reporter: modern ? event.reportingController : event.reportingComponent,
    instance: event.reportingInstance,
    message: (modern ? event.note : event.message) ?? '',
    first,
    last: series?.lastObservedTime ?? last ?? first,
    count: series?.count ?? (times || 1),
  }
}

const event = printer(
  () => [
    text('Last Seen', 'V1ObjectMeta.creationTimestamp'),
    text('Type', 'Normal or Warning.'),
    text('Reason', 'Why the event was made, in one word.'),
    text('Object', 'What the event is about.'),
    wide('Subobject', 'The part of the object that the event is about.'),
    wide('Source', 'Who made the event.'),
    text('Message', 'What happened.'),
    wide('First Seen', 'When it happened first.'),
    { ...count('Count', 'How often it happened.'), priority: 1 },
    { ...wide('Name', 'V1ObjectMeta.name'), format: 'name' },
  ],
  (object, now) => {
    const parts = eventParts(object)
    const source = parts.source.component || parts.reporter || ''
    const host = parts.source.host || parts.instance
    return [
      since(parts.last, now),
      object.type ?? '',
      object.reason ?? '',
      `${String(parts.object.kind ?? '').toLowerCase()}/${parts.object.name ?? ''}`,
      parts.object.fieldPath ?? '',
      host ? `${source}, ${host}` : source,
      String(parts.message).trim(),
      since(parts.first, now),
      parts.count,
      object.metadata.name,
    ]
  },
)

/** `name: used/hard`, limits apart from the rest, sorted. */
function quotaText(object: Json, limits: boolean): string {
  const hard: Record<string, string> = object.status?.hard ?? object.spec?.hard ?? {}
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') === limits)
    .sort()
    .map((name) => `${name}: ${object.status?.used?.[name] ?? 0}/${hard[name]}`)
    .join(', ')
}

const resourceQuota = printer(
  () => [
    nameColumn(),
    text('Request', 'What is used and how much may be.'),
    text('Limit', 'Limits in use and how high they may be.'),
    ageColumn(),
  ],
  (object, now) => [object.metadata.name, quotaText(object, false), quotaText(object, true), ageOf(object, now)],
)

const binding = printer(
  () => [
    nameColumn(),
    text('Role', 'V1RoleBinding.roleRef'),
    ageColumn(),
    wide('Users', 'Users in the roleBinding'),
    wide('Groups', 'Groups in the roleBinding'),
    wide('ServiceAccounts', 'ServiceAccounts in the roleBinding'),
  ],
  (object, now) => {
    const subjects: Json[] = object.subjects ?? []
    const names = (kind: string) => subjects.filter((subject) => subject.kind === kind).map(({ name }) => name)
    const accounts = subjects
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ namespace: own, name }) => `${own}/${name}`)
    return [
      object.metadata.name,
      `${object.roleRef.kind}/${object.roleRef.name}`,
      ageOf(object, now),
      names('User').join(', '),
      names('Group').join(', '),
      accounts.join(', '),
    ]
  },
)

const priorityClass = printer(
  () => [
    nameColumn(),
    count('Value', 'V1PriorityClass.value'),
    flag('Global-Default', 'V1PriorityClass.globalDefault'),
    ageColumn(),
    text('PreemptionPolicy', 'V1PriorityClass.preemptionPolicy'),
  ],
  (object, now) => [
    object.metadata.name,
    object.value ?? 0,
    object.globalDefault ?? false,
    ageOf(object, now),
    object.preemptionPolicy ?? '',
  ],
)

const lease = printer(
  () => [nameColumn(), text('Holder', 'V1LeaseSpec.holderIdentity'), ageColumn()],
  (object, now) => [object.metadata.name, object.spec?.holderIdentity ?? '', ageOf(object, now)],
)

const webhooks = printer(
  () => [
    nameColumn(),
    count('Webhooks', 'Webhooks indicates the number of webhooks that are configured.'),
    ageColumn(),
  ],
  (object, now) => [object.metadata.name, object.webhooks?.length ?? 0, ageOf(object, now)],
)

const componentStatus = printer(
  () => [
    nameColumn(),
    text('Status', 'Status of the component conditions'),
    text('Message', 'Message of the component conditions'),
    text('Error', 'Error of the component conditions'),
  ],
  ({ metadata, conditions = [] }) => {
    const healthy = conditions.find(({ type }: Json) => type === 'Healthy')
    const state = healthy?.status === 'True' ? 'Healthy' : healthy ? 'Unhealthy' : 'Unknown'
    return [metadata.name, state, healthy?.message ?? '', healthy?.error ?? '']
  },
)

export const otherPrinters: Readonly<Record<string, Printer>> = {
  '/ConfigMap': configMap,
  '/Secret': secret,
  '/ServiceAccount': serviceAccount,
  '/Namespace': namespace,
  '/Node': node,
  '/Event': event,
  'events.k8s.io/Event': event,
  '/ResourceQuota': resourceQuota,
  '/ComponentStatus': componentStatus,
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'scheduling.k8s.io/PriorityClass': priorityClass,
  'coordination.k8s.io/Lease': lease,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
}
