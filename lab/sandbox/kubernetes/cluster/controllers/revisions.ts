import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../types.ts'
import { keyOf, type Objects, writerOf } from '../objects.ts'
import { hashSuffix } from './names.ts'
import { ownerOf, type Revision, type Revisions, type Template } from './stateful-set.ts'

const WRITER = writerOf('kube-controller-manager')

const isOwnedBy = (owner: KubeObject, object: KubeObject): boolean =>
  (object.metadata.ownerReferences ?? []).some(
    (reference) => reference.controller && reference.uid === owner.metadata.uid,
  )

const templateOf = (revision: KubeObject): Template => {
  const { $patch: _, ...template } = revision['data'].spec.template
  return template
}

const asRevision = (object: KubeObject): Revision => ({ name: object.metadata.name, template: templateOf(object) })

/**
 * The ControllerRevisions of a StatefulSet: one for each template that it has had, the newest for the one it has now.
 * A template that comes back makes its old revision the newest. Old ones that nothing uses go beyond the limit.
 */
export function syncRevisions(objects: Objects, set: KubeObject, pods: readonly KubeObject[]): Revisions {
  const { namespace } = set.metadata
  const history = objects
    .list('controllerrevisions', namespace)
    .filter((revision) => isOwnedBy(set, revision))
    .sort((a, b) => a['revision'] - b['revision'])
  const template = set['spec'].template
  const next = ((history.at(-1)?.['revision'] as number | undefined) ?? 0) + 1
  const same = history.find((revision) => isDeepStrictEqual(templateOf(revision), template))
  let update: KubeObject
  if (!same) update = objects.create('controllerrevisions', newRevision(set, template, next), WRITER)
  else if (same === history.at(-1)) update = same
  else update = objects.update('controllerrevisions', { ...same, revision: next }, WRITER)
  const current = history.find(({ metadata }) => metadata.name === set['status']?.currentRevision) ?? update
  const used = new Set([current, update].map(({ metadata }) => metadata.name))
  for (const pod of pods) used.add(pod.metadata.labels?.['controller-revision-hash'] ?? '')
  const unused = history.filter(({ metadata }) => !used.has(metadata.name))
  const surplus = unused.length - (set['spec'].revisionHistoryLimit ?? 10)
  for (const old of unused.slice(0, Math.max(0, surplus))) objects.remove('controllerrevisions', keyOf(old), WRITER)
  return { current: asRevision(current), update: asRevision(update) }
}

function newRevision(set: KubeObject, template: Template, revision: number): KubeObject {
  const hash = hashSuffix(template)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${set.metadata.name}-${hash}`,
      namespace: set.metadata.namespace,
      labels: { ...template.metadata?.labels, 'controller.kubernetes.io/hash': hash },
      ...(set.metadata.annotations ? { annotations: set.metadata.annotations } : {}),
      ownerReferences: [ownerOf(set)],
    },
    data: { spec: { template: { ...template, $patch: 'replace' } } },
    revision,
  }
}
