import { formatDuration, parseDuration } from '../../core/duration.ts'
import { messageOf } from '../../core/errors.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { Outcome } from '../../core/reconciler.ts'
import type { Log } from '../runtime/log.ts'
import { IMAGE_REPOSITORIES } from '../runtime/resources.ts'
import { type Runtime, subjectOf } from '../runtime/runtime.ts'
import { begin, type Conclusion, conclude, prepare } from '../runtime/stages.ts'
import type { Subject } from '../runtime/subject.ts'
import { REFUSED, refusalOf, type UnsupportedField } from '../runtime/unsupported.ts'
import { registryCredentials } from './credentials.ts'
import { type ImageName, InvalidImage, parseImageName } from './reference.ts'
import { type RegistryReaderFactory, registryErrorText } from './registry.ts'
import { tagListOf } from './scan.ts'

export const UNSUPPORTED_REPOSITORY: readonly (string | UnsupportedField)[] = [
  'certSecretRef',
  'proxySecretRef',
  { path: 'provider', unless: (provider) => provider === 'generic' },
]

const DEFAULT_EXCLUSIONS = ['^.*\\.sig$']

/** The tags of image repositories by canonical name, from the last scan. Lost when the controller restarts. */
export type TagDatabase = Map<string, readonly string[]>

/** Reconciles ImageRepositories: scans the registry for tags. */
export function imageRepositoryReconciler(
  runtime: Runtime,
  database: TagDatabase,
  createReader: RegistryReaderFactory,
) {
  return async function reconcile(object: KubeObject, log: Log): Promise<Outcome> {
    const subject = subjectOf(runtime, IMAGE_REPOSITORIES, object)
    if (!(await prepare(subject, log))) return {}
    const wasReady = subject.is('Ready')
    const before = subject.condition('Ready')?.message
    await begin(subject)
    const { conclusion, when } = await scanIfDue(subject)
    const isNews = conclusion.kind === 'ready' && wasReady && conclusion.message !== before
    await conclude(runtime, subject, conclusion, {
      wasReady,
      news: isNews ? conclusion.message : undefined,
      log,
      routine: `next scan in ${formatDuration(when)}`,
    })
    if (conclusion.kind === 'failed') throw new Error(conclusion.message)
    return conclusion.kind === 'ready' ? { requeueAfter: when } : {}
  }

  async function scanIfDue(subject: Subject): Promise<{ conclusion: Conclusion; when: number }> {
    const interval = parseDuration(subject.spec.interval)
    const failed = (reason: string, message: string) => ({
      conclusion: { kind: 'failed', reason, message } as const,
      when: interval,
    })
    const refusal = refusalOf('image-reflector-controller', subject.spec, UNSUPPORTED_REPOSITORY)
    if (refusal) return { conclusion: { kind: 'stalled', reason: REFUSED, message: refusal }, when: interval }
    let image: ImageName
    try {
      image = parseImageName(subject.spec.image)
    } catch (error) {
      if (!(error instanceof InvalidImage)) throw error
      return { conclusion: { kind: 'stalled', reason: 'ImageURLInvalid', message: error.message }, when: interval }
    }
    let reader: Awaited<ReturnType<typeof readerFor>>
    try {
      reader = await readerFor(runtime, subject, image, createReader)
    } catch (error) {
      return failed('AuthenticationFailed', `failed to configure authentication options: ${messageOf(error)}`)
    }
    const { reason, when } = due(subject, image, interval)
    if (reason) {
      subject.progress(reason === 'no tags in database', `scanning: ${reason}`)
      await subject.save()
      try {
        const list = tagListOf([...(await reader.listTags(image.canonical))], exclusionsOf(subject))
        database.set(image.canonical, list.tags)
        subject.status['lastScanResult'] = {
          tagCount: list.tags.length,
          scanTime: subject.timestamp,
          latestTags: list.latestTags,
          revision: list.checksum,
        }
      } catch (error) {
        return failed('ReadOperationFailed', `scan failed: ${registryErrorText(error)}`)
      }
    }
    subject.status['canonicalImageName'] = image.canonical
    subject.status['observedExclusionList'] = exclusionsOf(subject)
    const { tagCount, revision } = subject.status['lastScanResult']
    const message = `successful scan: found ${tagCount} tags with checksum ${revision}`
    return { conclusion: { kind: 'ready', message }, when }
  }

  /** Why it is time to scan, if it is; and when to look again. */
  function due(subject: Subject, image: ImageName, interval: number): { reason?: string; when: number } {
    const { lastScanResult, lastHandledReconcileAt, canonicalImageName, observedExclusionList } = subject.status
    const now = (reason: string) => ({ reason, when: interval })
    if (!lastScanResult) return now('first scan')
    if (subject.requestedAt !== undefined && subject.requestedAt !== lastHandledReconcileAt) {
      return now('reconcile requested')
    }
    if (image.canonical !== canonicalImageName) return now('new image name')
    const same = new Set([...exclusionsOf(subject), ...(observedExclusionList ?? [])])
    if (same.size !== exclusionsOf(subject).length || same.size !== (observedExclusionList ?? []).length) {
      return now('updated exclusion list')
    }
    if ((database.get(image.canonical) ?? []).length === 0) return now('no tags in database')
    const left = Date.parse(lastScanResult.scanTime) + interval - runtime.clock.now()
    return left < 1000 ? now('triggered by interval') : { when: left }
  }
}

const exclusionsOf = (subject: Subject): readonly string[] => subject.spec.exclusionList ?? DEFAULT_EXCLUSIONS

/** A client of an ImageRepository's registry, with the credentials that its spec names. */
export async function readerFor(
  runtime: Runtime,
  repository: Pick<Subject, 'namespace' | 'spec'>,
  image: ImageName,
  createReader: RegistryReaderFactory,
) {
  const { names } = runtime.context
  const credentials = await registryCredentials(runtime.kube, repository.namespace, repository.spec, image.host)
  return createReader({
    fetch: (url, init) => names.fetch(url, init),
    ...(credentials ? { credentials } : {}),
    ...(repository.spec.insecure ? { hosts: [image.host] } : {}),
  })
}
