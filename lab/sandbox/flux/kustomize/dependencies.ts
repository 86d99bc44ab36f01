import { type KubeClient, KubeError } from '../../core/kube-client.ts'
import { KUSTOMIZATIONS } from '../runtime/resources.ts'
import type { Subject } from '../runtime/subject.ts'

type Reference = { readonly name: string; readonly namespace?: string }

/** Why a Kustomization must wait for those it depends on; undefined when all are ready at the source's revision. */
export async function unmetDependency(
  kube: KubeClient,
  subject: Subject,
  revision: string,
): Promise<string | undefined> {
  for (const { name, namespace = subject.namespace } of (subject.spec.dependsOn ?? []) as Reference[]) {
    const which = `dependency '${namespace}/${name}'`
    let dependency: Awaited<ReturnType<KubeClient['get']>>
    try {
      dependency = await kube.get(KUSTOMIZATIONS, name, namespace)
    } catch (error) {
      if (error instanceof KubeError) return `${which} not found: ${error.message}`
      throw error
    }
    const { spec, status = {}, metadata } = dependency
    const ready = status.conditions?.find(({ type }: { type: string }) => type === 'Ready')
    if (ready?.status !== 'True' || status.observedGeneration !== metadata.generation) return `${which} is not ready`
    const own = subject.spec.sourceRef
    const sameSource =
      spec.sourceRef.kind === own.kind &&
      spec.sourceRef.name === own.name &&
      (spec.sourceRef.namespace ?? namespace) === (own.namespace ?? subject.namespace)
    if (sameSource && status.lastAppliedRevision !== revision) return `${which} revision is not up to date`
  }
  return undefined
}

/** Kustomizations sorted so that each comes after those it depends on, as far as there are no cycles. */
export function inDependencyOrder<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  dependenciesOf: (item: T) => readonly string[],
): readonly T[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]))
  const sorted = new Set<T>()
  const visit = (item: T, above: readonly T[]): void => {
    if (sorted.has(item) || above.includes(item)) return
    for (const key of dependenciesOf(item)) {
      const dependency = byKey.get(key)
      if (dependency) visit(dependency, [...above, item])
    }
    sorted.add(item)
  }
  for (const item of items) visit(item, [])
  return [...sorted]
}
