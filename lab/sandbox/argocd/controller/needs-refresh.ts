import { equalJson } from '../../core/json.ts'
import { type Application, isMultiSource, REFRESH_ANNOTATION } from '../application.ts'

/**
 * How much a refresh looks at: `tree` only at what the objects have made, `recent` at the commit compared last,
 * `latest` at a revision that may come from a cache, `resolve` asks the repository.
 */
export type Level = 'tree' | 'recent' | 'latest' | 'resolve'

const ORDER: readonly Level[] = ['tree', 'recent', 'latest', 'resolve']

export const maxLevel = (a: Level | undefined, b: Level): Level =>
  a !== undefined && ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b

export type RefreshNeed = { readonly level: Level; readonly hard: boolean; readonly reason: string }

/** Whether an Application has to be compared, how thoroughly, and why. */
export function needsRefresh(
  app: Application,
  requested: Level | undefined,
  now: number,
  period: number,
): RefreshNeed | undefined {
  const type = app.metadata.annotations?.[REFRESH_ANNOTATION]
  const resolve = (reason: string): RefreshNeed => ({ level: 'resolve', hard: false, reason })
  if (type !== undefined)
    return {
      level: 'resolve',
      hard: type === 'hard',
      reason: `${type === 'hard' ? 'hard' : 'normal'} refresh requested`,
    }
  const { spec, status } = app
  const compared = status?.sync?.comparedTo
  if (isMultiSource(spec) ? !equalJson(spec.sources, compared?.sources) : !equalJson(spec.source, compared?.source))
    return resolve('spec.source differs')
  const reconciledAt = status?.reconciledAt ? Date.parse(status.reconciledAt) : 0
  if (period > 0 && reconciledAt + period <= now) return resolve('comparison expired')
  if (!equalJson(spec.destination, compared?.destination)) return resolve('spec.destination differs')
  if (!equalJson(spec.ignoreDifferences ?? [], compared?.ignoreDifferences ?? []))
    return resolve('spec.ignoreDifferences differs')
  if (hasChangedNamespaceMetadata(app))
    return { level: 'latest', hard: false, reason: 'managedNamespaceMetadata differs' }
  return requested && { level: requested, hard: false, reason: 'controller refresh requested' }
}

/** Whether the metadata that the spec wants on the namespace is not what was synced last. */
export function hasChangedNamespaceMetadata({ spec, status }: Application): boolean {
  const wanted = spec.syncPolicy?.managedNamespaceMetadata
  const result = status?.operationState?.syncResult
  return wanted !== undefined && result !== undefined && !equalJson(wanted, result.managedNamespaceMetadata)
}
