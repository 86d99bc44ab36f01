import type { KubeObject } from '../../core/kube-client.ts'
import { groupOf } from '../../core/kube-objects.ts'
import type { HealthStatus, HealthStatusCode } from '../application.ts'
import { podHealth } from './pod.ts'
import { daemonSetHealth, deploymentHealth, jobHealth, replicaSetHealth, statefulSetHealth } from './workloads.ts'

const ORDER: readonly HealthStatusCode[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']

/** Whether `next` is worse news than `current`. */
export const isWorse = (current: HealthStatusCode, next: HealthStatusCode): boolean =>
  ORDER.indexOf(next) > ORDER.indexOf(current)

const CHECKS: Readonly<Record<string, (object: KubeObject) => HealthStatus>> = {
  'apps/Deployment': deploymentHealth,
  'apps/StatefulSet': statefulSetHealth,
  'apps/DaemonSet': daemonSetHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'batch/Job': jobHealth,
  '/Pod': podHealth,
  '/Service': serviceHealth,
  '/PersistentVolumeClaim': claimHealth,
  'networking.k8s.io/Ingress': ingressHealth,
  'autoscaling/HorizontalPodAutoscaler': autoscalerHealth,
  'apiregistration.k8s.io/APIService': apiServiceHealth,
}

/** The health of one object; undefined for kinds that have none (ConfigMap, Secret, custom resources …). */
export function healthOf(object: KubeObject): HealthStatus | undefined {
  if (object.metadata.deletionTimestamp) return { status: 'Progressing', message: 'Pending deletion' }
  return CHECKS[`${groupOf(object)}/${object.kind}`]?.(object)
}

function serviceHealth(service: KubeObject): HealthStatus {
  if (service['spec']?.type !== 'LoadBalancer') return { status: 'Healthy' }
  return { status: service['status']?.loadBalancer?.ingress?.length > 0 ? 'Healthy' : 'Progressing' }
}

function ingressHealth(ingress: KubeObject): HealthStatus {
  return { status: ingress['status']?.loadBalancer?.ingress?.length > 0 ? 'Healthy' : 'Progressing' }
}

function claimHealth(claim: KubeObject): HealthStatus {
  const phases: Record<string, HealthStatusCode> = { Lost: 'Degraded', Pending: 'Progressing', Bound: 'Healthy' }
  return { status: phases[claim['status']?.phase] ?? 'Unknown' }
}

function autoscalerHealth(autoscaler: KubeObject): HealthStatus {
  const conditions: { type: string; status: string; reason: string; message: string }[] =
    autoscaler['status']?.conditions ?? []
  const failed = conditions.find(
    ({ type, status, reason }) =>
      status === 'False' && (reason.startsWith('Failed') || (type === 'ScalingActive' && reason.startsWith('Invalid'))),
  )
  if (failed) return { status: 'Degraded', message: failed.message }
  const good = conditions.find(
    ({ type, status }) => status === 'True' && (type === 'AbleToScale' || type === 'ScalingLimited'),
  )
  return good
    ? { status: 'Healthy', message: good.message }
    : { status: 'Progressing', message: 'Waiting to Autoscale' }
}

function apiServiceHealth(service: KubeObject): HealthStatus {
  const conditions: { type: string; status: string; reason: string; message: string }[] =
    service['status']?.conditions ?? []
  const available = conditions.find(({ type }) => type === 'Available')
  if (!available) return { status: 'Progressing', message: 'Waiting to be processed' }
  const message = `${available.reason}: ${available.message}`
  return { status: available.status === 'True' ? 'Healthy' : 'Progressing', message }
}
