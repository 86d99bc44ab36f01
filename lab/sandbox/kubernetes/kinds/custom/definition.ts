import type { CustomResource, KubeObject, Resource } from '../../types.ts'
import type { Json } from '../normalize.ts'

/** In the order in which the real server lists them for custom resources. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** `v1` before `v1beta2` before `v1alpha1` before anything else: how versions are preferred. */
export function compareVersions(a: string, b: string): number {
  const rank = (name: string) => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name)
    if (!match) return undefined
    const [, major, stage, minor] = match
    return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)] as const
  }
  const [first, second] = [rank(a), rank(b)]
  if (!first || !second) return first ? -1 : second ? 1 : a < b ? -1 : 1
  for (let at = 0; at < 3; at++) if (first[at] !== second[at]) return (second[at] as number) - (first[at] as number)
  return 0
}

/** The resources that a CustomResourceDefinition makes: one per served version, the preferred one first. */
export function customResource(definition: KubeObject): Resource[] {
  const { group, names, scope, versions } = definition['spec'] as Json
  const served: Json[] = (versions ?? []).filter((version: Json) => version.served)
  served.sort((a, b) => compareVersions(a.name, b.name))
  return served.map((version): Resource => {
    const subresources = ['status', 'scale'].filter((name) => version.subresources?.[name])
    const custom: CustomResource = {
      definition: definition.metadata.name,
      schema: version.schema?.openAPIV3Schema,
      columns: version.additionalPrinterColumns ?? [],
      ...(version.subresources?.scale ? { scale: version.subresources.scale } : {}),
      ...(version.selectableFields
        ? { selectableFields: version.selectableFields.map(({ jsonPath }: Json) => jsonPath) }
        : {}),
      ...(version.deprecated ? { deprecationWarning: deprecation(group, names.kind, version, served) } : {}),
    }
    return {
      group,
      version: version.name,
      plural: names.plural,
      kind: names.kind,
      singular: names.singular ?? String(names.kind).toLowerCase(),
      namespaced: scope === 'Namespaced',
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      verbs: VERBS,
      subresources,
      hasGeneration: true,
      custom,
    }
  })
}

/** Names the newest version that is neither deprecated nor older. */
function deprecation(group: string, kind: string, version: Json, served: readonly Json[]): string {
  if (version.deprecationWarning) return version.deprecationWarning
  const text = `${group}/${version.name} ${kind} is deprecated`
  const better = served.find((other) => !other.deprecated && compareVersions(other.name, version.name) < 0)
  return better ? `${text}; use ${group}/${better.name} ${kind}` : text
}
