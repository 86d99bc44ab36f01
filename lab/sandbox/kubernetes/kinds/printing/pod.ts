import type { Json } from '../normalize.ts'
import { ageColumn, nameColumn, printer, text, wide } from './columns.ts'
import { ageOf, humanDuration, orNone } from './values.ts'

const finished = ({ lastState }: Json): number => Date.parse(lastState?.terminated?.finishedAt ?? '') || 0

const restartsAlways = (container: Json): boolean => container?.restartPolicy === 'Always'

const condition = (status: Json, type: string): Json => status.conditions?.find((one: Json) => one.type === type)

const isTrue = (status: Json, type: string): boolean => condition(status, type)?.status === 'True'

const terminatedText = ({ reason, signal, exitCode }: Json): string =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

type Summary = { status: string; ready: number; restarts: number; lastRestart: number }

/** The init container that a pod is at, if it is not past them. */
function initSummary(pod: Json, summary: Summary): { at: string | undefined; restarts: number; lastRestart: number } {
  const specs: Json[] = pod.spec.initContainers ?? []
  const sidecars = { restarts: 0, lastRestart: 0 }
  const statuses: Json[] = pod.status.initContainerStatuses ?? []
  for (const [index, status] of statuses.entries()) {
    summary.restarts += status.restartCount ?? 0
    summary.lastRestart = Math.max(summary.lastRestart, finished(status))
    const { terminated, waiting } = status.state ?? {}
    const sidecar = restartsAlways(specs.find(({ name }) => name === status.name))
    if (sidecar) {
      sidecars.restarts += status.restartCount ?? 0
      sidecars.lastRestart = Math.max(sidecars.lastRestart, finished(status))
    }
    if (terminated && terminated.exitCode === 0) continue
    if (sidecar && status.started) {
      if (status.ready) summary.ready += 1
      continue
    }
    if (terminated) return { at: `Init:${terminatedText(terminated)}`, ...sidecars }
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return { at: `Init:${waiting.reason}`, ...sidecars }
    return { at: `Init:${index}/${specs.length}`, ...sidecars }
  }
  return { at: undefined, ...sidecars }
}

/** What the STATUS, READY and RESTARTS columns are made of. */
function summarize(pod: Json): Summary {
  const { status } = pod
  const summary: Summary = { status: status.reason || status.phase || '', ready: 0, restarts: 0, lastRestart: 0 }
  if (condition(status, 'PodScheduled')?.reason === 'SchedulingGated') summary.status = 'SchedulingGated'
  const init = initSummary(pod, summary)
  if (init.at) summary.status = init.at
  if (init.at && !isTrue(status, 'Initialized')) return deleted(pod, summary)
  summary.restarts = init.restarts
  summary.lastRestart = init.lastRestart
  let running = false
  for (const container of [...(status.containerStatuses ?? [])].reverse()) {
    summary.restarts += container.restartCount ?? 0
    summary.lastRestart = Math.max(summary.lastRestart, finished(container))
    const { waiting, terminated, running: runs } = container.state ?? {}
    if (waiting?.reason) summary.status = waiting.reason
    else if (terminated) summary.status = terminatedText(terminated)
    else if (container.ready && runs) {
      running = true
      summary.ready += 1
    }
  }
  if (summary.status === 'Completed' && running) summary.status = isTrue(status, 'Ready') ? 'Running' : 'NotReady'
  return deleted(pod, summary)
}

function deleted({ metadata, status }: Json, summary: Summary): Summary {
  if (!metadata.deletionTimestamp) return summary
  if (status.reason === 'NodeLost') summary.status = 'Unknown'
  else if (!['Succeeded', 'Failed'].includes(status.phase)) summary.status = 'Terminating'
  return summary
}

function gates({ spec, status }: Json): string {
  const wanted: Json[] = spec.readinessGates ?? []
  if (wanted.length === 0) return '<none>'
  return `${wanted.filter(({ conditionType }) => isTrue(status, conditionType)).length}/${wanted.length}`
}

export const podPrinter = printer(
  () => [
    nameColumn(),
    text('Ready', 'The number of containers that are ready, of all of the pod.'),
    text('Status', 'What the containers of the pod and the pod itself are at.'),
    text('Restarts', 'How often containers of the pod were restarted, and when last.'),
    ageColumn(),
    wide('IP', 'V1PodStatus.podIP'),
    wide('Node', 'V1PodSpec.nodeName'),
    wide('Nominated Node', 'V1PodStatus.nominatedNodeName'),
    wide('Readiness Gates', 'V1PodSpec.readinessGates'),
  ],
  (pod, now) => {
    const withStatus = pod.status ? pod : { ...pod, status: {} }
    const summary = summarize(withStatus)
    const containers: Json[] = [
      ...(pod.spec.containers ?? []),
      ...(pod.spec.initContainers ?? []).filter(restartsAlways),
    ]
    const ago =
      summary.restarts > 0 && summary.lastRestart > 0 ? ` (${humanDuration(now - summary.lastRestart)} ago)` : ''
    return [
      pod.metadata.name,
      `${summary.ready}/${containers.length}`,
      summary.status,
      `${summary.restarts}${ago}`,
      ageOf(pod, now),
      orNone(withStatus.status.podIPs?.[0]?.ip ?? withStatus.status.podIP),
      orNone(pod.spec.nodeName),
      orNone(withStatus.status.nominatedNodeName),
      gates(withStatus),
    ]
  },
)
