import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../types.ts'
import { keyOf, keyText, type Objects, parseKey, writerOf } from '../objects.ts'
import { WorkQueue } from '../queue.ts'
import { endpointSubsets, type SliceContent, sliceContents } from './endpoints.ts'
import { suffix } from './names.ts'
import { type ControllerOptions, untilAborted } from './scheduler.ts'

const WRITER = writerOf('kube-controller-manager')
const MANAGED_BY = 'endpointslice-controller.k8s.io'

/** Keeps the EndpointSlices and Endpoints of Services with selectors until the signal is aborted. */
export async function runEndpointsController(options: ControllerOptions, signal: AbortSignal): Promise<void> {
  const { objects, clock, log } = options

  const reconcile = (key: string) => {
    const { namespace = '', name } = parseKey(key)
    const service = objects.get('services', namespace, name)
    if (!service || service.metadata.deletionTimestamp || !service['spec'].selector) {
      if (!service)
        for (const slice of slicesOf(objects, namespace, name)) objects.remove('endpointslices', keyOf(slice), WRITER)
      if (!service) objects.remove('endpoints', { namespace, name }, WRITER)
      return
    }
    const contents = sliceContents(service, objects.list('pods', namespace))
    syncSlices(objects, service, contents)
    syncEndpoints(objects, service, contents)
  }

  const queue = new WorkQueue({ clock, reconcile, log })
  const enqueue = (service: KubeObject) => queue.add(keyText(keyOf(service)))
  const unwatch = [
    objects.watch('services', ({ object }) => enqueue(object)),
    objects.watch('pods', ({ object, previous }) => {
      for (const service of objects.list('services', object.metadata.namespace)) {
        if (concerns(service, object) || (previous && concerns(service, previous))) enqueue(service)
      }
    }),
    objects.watch('endpointslices', ({ object }) => {
      const name = object.metadata.labels?.['kubernetes.io/service-name']
      if (name) queue.add(keyText({ namespace: object.metadata.namespace, name }))
    }),
  ]
  for (const service of objects.list('services')) enqueue(service)
  await untilAborted(signal)
  for (const stop of unwatch) stop()
  await queue.stop()
}

const concerns = (service: KubeObject, pod: KubeObject): boolean => {
  const selector = Object.entries((service['spec'].selector ?? {}) as Record<string, string>)
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value)
}

const slicesOf = (objects: Objects, namespace: string, service: string): readonly KubeObject[] =>
  objects.list('endpointslices', namespace, {
    labelSelector: `kubernetes.io/service-name=${service},endpointslice.kubernetes.io/managed-by=${MANAGED_BY}`,
  })

const ownerOf = ({ metadata }: KubeObject) => ({
  apiVersion: 'v1',
  kind: 'Service',
  name: metadata.name,
  uid: metadata.uid as string,
  controller: true,
  blockOwnerDeletion: true,
})

function syncSlices(objects: Objects, service: KubeObject, contents: readonly SliceContent[]): void {
  const { name, namespace = '', labels } = service.metadata
  const present = [...slicesOf(objects, namespace, name)]
  const headless = service['spec'].clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}
  const wantedLabels = {
    ...labels,
    'endpointslice.kubernetes.io/managed-by': MANAGED_BY,
    'kubernetes.io/service-name': name,
    ...headless,
  }
  for (const content of contents) {
    // The slice with the same ports stays the slice of these ports.
    const same = present.findIndex((slice) => isDeepStrictEqual(slice['ports'] ?? [], content.ports))
    const [slice] = present.splice(Math.max(same, 0), 1)
    const body = JSON.parse(JSON.stringify({ addressType: 'IPv4', ...content }))
    if (!slice) {
      const metadata = {
        name: `${name}-${suffix()}`,
        namespace,
        generateName: `${name}-`,
        labels: wantedLabels,
        ownerReferences: [ownerOf(service)],
      }
      objects.create(
        'endpointslices',
        { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...body },
        WRITER,
      )
      continue
    }
    objects.update(
      'endpointslices',
      { ...slice, metadata: { ...slice.metadata, labels: wantedLabels }, ...body },
      WRITER,
    )
  }
  for (const slice of present) objects.remove('endpointslices', keyOf(slice), WRITER)
}

function syncEndpoints(objects: Objects, service: KubeObject, contents: readonly SliceContent[]): void {
  const { name, namespace, labels } = service.metadata
  const subsets = JSON.parse(JSON.stringify(endpointSubsets(contents)))
  const present = objects.get('endpoints', namespace, name)
  const wantedLabels = { ...labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
  const { subsets: _, ...rest } = present ?? { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace } }
  const endpoints = {
    ...rest,
    metadata: { ...rest.metadata, labels: wantedLabels },
    ...(subsets.length > 0 ? { subsets } : {}),
  } as KubeObject
  if (present) objects.update('endpoints', endpoints, WRITER)
  else objects.create('endpoints', endpoints, WRITER)
}
