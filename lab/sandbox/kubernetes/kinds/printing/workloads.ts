import type { Json } from '../normalize.ts'
import { ageColumn, count, flag, nameColumn, type Printer, printer, text, wide } from './columns.ts'
import { ageOf, containersText, humanDuration, labelsText, selectorText, since } from './values.ts'

const podColumns = (selector: string) => [
  wide('Containers', 'Names of each container in the template.'),
  wide('Images', 'Images referenced by each container in the template.'),
  wide('Selector', selector),
]

const deployment = printer(
  () => [
    nameColumn(),
    text('Ready', 'Number of the pod with ready state'),
    text('Up-to-date', 'V1DeploymentStatus.updatedReplicas'),
    text('Available', 'V1DeploymentStatus.availableReplicas'),
    ageColumn(),
    ...podColumns('V1DeploymentSpec.selector'),
  ],
  ({ metadata, spec, status = {} }, now) => [
    metadata.name,
    `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    status.updatedReplicas ?? 0,
    status.availableReplicas ?? 0,
    ageOf({ metadata }, now),
    ...containersText(spec.template?.spec),
    selectorText(spec.selector),
  ],
)

const replicas = (spec: string, status: string): Printer =>
  printer(
    () => [
      nameColumn(),
      count('Desired', `${spec}.replicas`),
      count('Current', `${status}.replicas`),
      count('Ready', `${status}.readyReplicas`),
      ageColumn(),
      ...podColumns(`${spec}.selector`),
    ],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      ageOf({ metadata }, now),
      ...containersText(spec.template?.spec),
      spec.selector?.matchLabels || spec.selector?.matchExpressions
        ? selectorText(spec.selector)
        : labelsText(spec.selector),
    ],
  )

const statefulSet = printer(
  () => [nameColumn(), text('Ready', 'Number of the pod with ready state'), ageColumn(), ...podColumns('').slice(0, 2)],
  ({ metadata, spec, status = {} }, now) => [
    metadata.name,
    `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ageOf({ metadata }, now),
    ...containersText(spec.template?.spec),
  ],
)

const daemonSet = printer(
  () => [
    nameColumn(),
    count('Desired', 'V1DaemonSetStatus.desiredNumberScheduled'),
    count('Current', 'V1DaemonSetStatus.currentNumberScheduled'),
    count('Ready', 'V1DaemonSetStatus.numberReady'),
    count('Up-to-date', 'V1DaemonSetStatus.updatedNumberScheduled'),
    count('Available', 'V1DaemonSetStatus.numberAvailable'),
    text('Node Selector', 'V1PodSpec.nodeSelector'),
    ageColumn(),
    ...podColumns('V1DaemonSetSpec.selector'),
  ],
  ({ metadata, spec, status = {} }, now) => [
    metadata.name,
    status.desiredNumberScheduled ?? 0,
    status.currentNumberScheduled ?? 0,
    status.numberReady ?? 0,
    status.updatedNumberScheduled ?? 0,
    status.numberAvailable ?? 0,
    labelsText(spec.template?.spec?.nodeSelector),
    ageOf({ metadata }, now),
    ...containersText(spec.template?.spec),
    selectorText(spec.selector),
  ],
)

const has = (status: Json, type: string): boolean =>
  (status.conditions ?? []).some((one: Json) => one.type === type && one.status === 'True')

const JOB_STATES = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
] as const

const completions = ({ spec, status = {} }: Json): string => {
  const succeeded = status.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallel = spec.parallelism ?? 0
  return parallel > 1 ? `${succeeded}/1 of ${parallel}` : `${succeeded}/1`
}

const jobDuration = ({ status = {} }: Json, now: number): string => {
  if (!status.startTime) return ''
  const end = status.completionTime ? Date.parse(status.completionTime) : now
  return humanDuration(end - Date.parse(status.startTime))
}

const job = printer(
  () => [
    nameColumn(),
    text('Status', 'The state that the conditions of the job tell.'),
    text('Completions', 'V1JobStatus.succeeded'),
    text('Duration', 'Time required to complete the job.'),
    ageColumn(),
    ...podColumns('V1JobSpec.selector'),
  ],
  (object, now) => {
    const state = JOB_STATES.find(([type]) => has(object.status ?? {}, type))?.[1]
    return [
      object.metadata.name,
      state ?? (object.metadata.deletionTimestamp ? 'Terminating' : 'Running'),
      completions(object),
      jobDuration(object, now),
      ageOf(object, now),
      ...containersText(object.spec.template?.spec),
      selectorText(object.spec.selector),
    ]
  },
)

const cronJob = printer(
  () => [
    nameColumn(),
    text('Schedule', 'V1CronJobSpec.schedule'),
    text('Timezone', 'V1CronJobSpec.timeZone'),
    flag('Suspend', 'V1CronJobSpec.suspend'),
    count('Active', 'V1CronJobStatus.active'),
    text('Last Schedule', 'V1CronJobStatus.lastScheduleTime'),
    ageColumn(),
    ...podColumns('V1JobSpec.selector'),
  ],
  ({ metadata, spec, status = {} }, now) => [
    metadata.name,
    spec.schedule,
    spec.timeZone ?? '<none>',
    spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False',
    status.active?.length ?? 0,
    status.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>',
    ageOf({ metadata }, now),
    ...containersText(spec.jobTemplate?.spec?.template?.spec),
    selectorText(spec.jobTemplate?.spec?.selector),
  ],
)

const controllerRevision = printer(
  () => [
    nameColumn(),
    text('Controller', 'The object that the revision belongs to.'),
    count('Revision', 'V1ControllerRevision.revision'),
    ageColumn(),
  ],
  (object, now) => {
    const owner = object.metadata.ownerReferences?.find(({ controller }: Json) => controller)
    const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
    const controller = owner ? `${owner.kind.toLowerCase()}${group}/${owner.name}` : '<none>'
    return [object.metadata.name, controller, object.revision, ageOf(object, now)]
  },
)

const podTemplate = printer(
  () => [
    nameColumn(),
    text('Containers', 'Names of each container in the template.'),
    text('Images', 'Images referenced by each container in the template.'),
    text('Pod Labels', 'The labels for the pod template.'),
  ],
  ({ metadata, template }) => [
    metadata.name,
    ...containersText(template?.spec),
    labelsText(template?.metadata?.labels),
  ],
)

const METRIC_UNKNOWN = '<unknown>'

/** `cpu: 12%/80%`, one text per metric; the name is shown for resource metrics only. */
function metrics({ spec, status = {} }: Json): string {
  if (spec.targetCPUUtilizationPercentage !== undefined) {
    const now = status.currentCPUUtilizationPercentage
    return `cpu: ${now === undefined ? METRIC_UNKNOWN : `${now}%`}/${spec.targetCPUUtilizationPercentage}%`
  }
  const texts = (spec.metrics ?? []).map((metric: Json, at: number) => {
    const name = `${metric.type[0].toLowerCase()}${metric.type.slice(1)}`
    const target = metric[name]?.target ?? {}
    const current = status.currentMetrics?.[at]?.[name]?.current ?? {}
    const label = metric.type === 'Resource' || metric.type === 'ContainerResource' ? `${metric[name].name}: ` : ''
    if (target.averageUtilization !== undefined) {
      const value = current.averageUtilization === undefined ? METRIC_UNKNOWN : `${current.averageUtilization}%`
      return `${label}${value}/${target.averageUtilization}%`
    }
    const suffix = target.averageValue !== undefined && !label ? ' (avg)' : ''
    const wanted = target.averageValue ?? target.value ?? '<auto>'
    return `${label}${current.averageValue ?? current.value ?? METRIC_UNKNOWN}/${wanted}${suffix}`
  })
  if (texts.length === 0) return '<none>'
  return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ')
}

const autoscaler = printer(
  () => [
    nameColumn(),
    text('Reference', 'V2HorizontalPodAutoscalerSpec.scaleTargetRef'),
    text('Targets', 'V2HorizontalPodAutoscalerSpec.metrics'),
    text('MinPods', 'V2HorizontalPodAutoscalerSpec.minReplicas'),
    text('MaxPods', 'V2HorizontalPodAutoscalerSpec.maxReplicas'),
    text('Replicas', 'V2HorizontalPodAutoscalerStatus.currentReplicas'),
    ageColumn(),
  ],
  (object, now) => [
    object.metadata.name,
    `${object.spec.scaleTargetRef.kind}/${object.spec.scaleTargetRef.name}`,
    metrics(object),
    object.spec.minReplicas === undefined ? '<unset>' : String(object.spec.minReplicas),
    object.spec.maxReplicas,
    object.status?.currentReplicas ?? 0,
    ageOf(object, now),
  ],
)

const disruptionBudget = printer(
  () => [
    nameColumn(),
    text('Min Available', 'The minimum number of pods that must be available.'),
    text('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
    count('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.'),
    ageColumn(),
  ],
  ({ metadata, spec, status = {} }, now) => [
    metadata.name,
    String(spec.minAvailable ?? 'N/A'),
    String(spec.maxUnavailable ?? 'N/A'),
    status.disruptionsAllowed ?? 0,
    ageOf({ metadata }, now),
  ],
)

export const workloadPrinters: Readonly<Record<string, Printer>> = {
  'apps/Deployment': deployment,
  'apps/ReplicaSet': replicas('V1ReplicaSetSpec', 'V1ReplicaSetStatus'),
  '/ReplicationController': replicas('V1ReplicationControllerSpec', 'V1ReplicationControllerStatus'),
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ControllerRevision': controllerRevision,
  'batch/Job': job,
  'batch/CronJob': cronJob,
  'autoscaling/HorizontalPodAutoscaler': autoscaler,
  'policy/PodDisruptionBudget': disruptionBudget,
  '/PodTemplate': podTemplate,
}
