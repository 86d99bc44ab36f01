import type { LabelSelector } from '../../core/kube-objects.ts'
import {
  type Application,
  type ApplicationRef,
  type ImageUpdaterSpec,
  sourceOf,
  type WriteBackConfig,
} from '../resources.ts'
import { annotatedImages, annotatedWriteBack } from './annotations.ts'
import { globToRegExp } from './choose.ts'
import { parseImage, type WantedImage } from './image.ts'

/** An Application with what an ImageUpdater wants of it. */
export type Match = {
  readonly application: Application
  readonly images: readonly WantedImage[]
  readonly writeBack: WriteBackConfig
}

/** The first reference that goes wrong ends the reconciliation; the message is what the status says. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern'
}

/**
 * Which Applications an ImageUpdater is about. Of several references that match one, the most specific decides: a name
 * before a pattern, with labels before without, more literal characters before fewer.
 * @throws InvalidPattern, Error for annotations that cannot be read (by Application, through `skip`)
 */
export function matchApplications(
  spec: ImageUpdaterSpec,
  applications: readonly Application[],
  skip: (application: Application, why: string) => void,
): readonly Match[] {
  const references = [...spec.applicationRefs]
    .map((reference) => ({ reference, pattern: patternOf(reference) }))
    .sort((a, b) => specificity(b.reference) - specificity(a.reference))
  return applications.flatMap((application) => {
    const { name, labels } = application.metadata
    const found = references.find(
      ({ reference, pattern }) => pattern.test(name) && selects(reference.labelSelectors, labels ?? {}),
    )
    if (!found) return []
    try {
      const match = found.reference.useAnnotations
        ? matchOfAnnotations(application)
        : matchOf(spec, found.reference, application)
      return match ? [match] : []
    } catch (error) {
      skip(application, (error as Error).message)
      return []
    }
  })
}

function patternOf({ namePattern }: ApplicationRef): RegExp {
  try {
    return globToRegExp(namePattern)
  } catch (error) {
    throw new InvalidPattern(`invalid application name pattern '${namePattern}': ${(error as Error).message}`)
  }
}

function specificity({ namePattern, labelSelectors }: ApplicationRef): number {
  const literal = namePattern.replace(/[*?]|\[[^\]]*\]/g, '').length
  const isName = !/[*?[]/.test(namePattern)
  const hasLabels =
    Object.keys(labelSelectors?.matchLabels ?? {}).length + (labelSelectors?.matchExpressions?.length ?? 0)
  return (isName ? 1e6 : 0) + (hasLabels > 0 ? 1e3 : 0) + literal
}

export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  if (!Object.entries(matchLabels).every(([key, value]) => labels[key] === value)) return false
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key]
    if (operator === 'In') return value !== undefined && values.includes(value)
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    throw new Error(`"${operator}" is not a valid label selector operator`)
  })
}

function matchOf(spec: ImageUpdaterSpec, reference: ApplicationRef, application: Application): Match {
  const images = (reference.images ?? []).map((config): WantedImage => {
    const { manifestTargets } = config
    const levels = [spec.commonUpdateSettings, reference.commonUpdateSettings, config.commonUpdateSettings]
    const verification = config.imagesVerification ?? reference.imagesVerification ?? spec.imagesVerification
    const target = manifestTargets?.helm ? 'helm' : manifestTargets?.plugin ? 'plugin' : undefined
    return {
      alias: config.alias,
      image: parseImage(config.imageName),
      kustomizeName: manifestTargets?.kustomize ? parseImage(manifestTargets.kustomize.name) : undefined,
      settings: Object.assign({}, ...levels.map(given)),
      unsupported:
        target !== undefined
          ? `manifestTargets.${target}`
          : verification && verification.enabled !== false
            ? 'imagesVerification'
            : undefined,
    }
  })
  const writeBack = {
    ...given(spec.writeBackConfig),
    ...given(reference.writeBackConfig),
    gitConfig: { ...given(spec.writeBackConfig?.gitConfig), ...given(reference.writeBackConfig?.gitConfig) },
  }
  return { application, images, writeBack }
}

function matchOfAnnotations(application: Application): Match | undefined {
  const images = annotatedImages(application.metadata.annotations ?? {})
  return images && { application, images, writeBack: annotatedWriteBack(application.metadata.annotations ?? {}) }
}

/** The fields that are set. */
const given = <T extends object>(value: T | undefined): Partial<T> =>
  Object.fromEntries(
    Object.entries(value ?? {}).filter(([, field]) => field !== undefined && field !== null),
  ) as Partial<T>

/** How manifests of an Application are made: as its status says, or as the write-back target implies. */
export function typeOf(application: Application, target: string | undefined): string {
  if (target?.startsWith('kustomization')) return 'Kustomize'
  if (target?.startsWith('helmvalues')) return 'Helm'
  const { sourceType, sourceTypes } = application.status ?? {}
  return (
    (application.spec.sources?.length ? sourceTypes?.[0] : sourceType) ??
    (sourceOf(application)?.kustomize ? 'Kustomize' : '')
  )
}
