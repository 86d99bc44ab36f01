import type { KubeObject } from '../../core/kube-client.ts'
import { withEncodedData } from '../../core/kube-objects.ts'
import type { Subject } from '../runtime/subject.ts'

const GROUP = 'kustomize.toolkit.fluxcd.io'

/**
 * The objects as they are applied: with the owner's labels and the common metadata, without status and creation time,
 * and with the `stringData` of Secrets encoded, which server-side apply could not compare.
 */
export function normalizeObjects(
  objects: readonly KubeObject[],
  owner: Pick<Subject, 'name' | 'namespace' | 'spec'>,
): readonly KubeObject[] {
  const { labels = {}, annotations = {} } = owner.spec.commonMetadata ?? {}
  const ownerLabels = { [`${GROUP}/name`]: owner.name, [`${GROUP}/namespace`]: owner.namespace }
  return objects
    .filter(({ apiVersion, kind }) => !(kind === 'Kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/')))
    .map(({ status: _, ...object }) => {
      const { creationTimestamp: __, ...metadata } = object.metadata
      const allAnnotations = { ...metadata.annotations, ...annotations }
      return withEncodedData({
        ...object,
        apiVersion: object.apiVersion,
        kind: object.kind,
        metadata: {
          ...metadata,
          labels: { ...metadata.labels, ...ownerLabels, ...labels },
          ...(Object.keys(allAnnotations).length > 0 ? { annotations: allAnnotations } : {}),
        },
      })
    })
}
