import { isDeepStrictEqual } from 'node:util'
import { parseDuration } from '../../core/duration.ts'
import { messageOf } from '../../core/errors.ts'
import { KubeError, type KubeObject } from '../../core/kube-client.ts'
import type { Outcome } from '../../core/reconciler.ts'
import { getAsCached } from '../runtime/cached-get.ts'
import type { Log } from '../runtime/log.ts'
import { IMAGE_POLICIES, IMAGE_REPOSITORIES } from '../runtime/resources.ts'
import { type Runtime, subjectOf } from '../runtime/runtime.ts'
import { begin, type Conclusion, conclude, prepare } from '../runtime/stages.ts'
import { Subject } from '../runtime/subject.ts'
import { accessDenied } from './access.ts'
import { checkPolicy, chooseTag, InvalidPolicy, NoChoice } from './choose.ts'
import { type ImageName, InvalidImage, parseImageName } from './reference.ts'
import { type RegistryReaderFactory, registryErrorText } from './registry.ts'
import { readerFor, type TagDatabase } from './repository.ts'

export type ImageRef = { readonly name: string; readonly tag: string; readonly digest?: string }

/** Pauses before the database is asked for tags again, for a policy that is made together with its repository. */
const TAG_PAUSES = [1_000, 1_500, 2_250]

const refText = ({ name, tag, digest }: ImageRef): string => `${name}:${tag}${digest ? `@${digest}` : ''}`

/** What Ready says of a choice. */
export function readyMessage(latest: ImageRef, previous: ImageRef | undefined): string {
  const digest = latest.digest ? ` with digest ${latest.digest}` : ''
  const before = previous && !isDeepStrictEqual(previous, latest) ? ` (previously ${refText(previous)})` : ''
  return `Latest image tag for ${latest.name} resolved to ${latest.tag}${digest}${before}`
}

/** Reconciles ImagePolicies: chooses among the tags that were scanned. */
export function imagePolicyReconciler(runtime: Runtime, database: TagDatabase, createReader: RegistryReaderFactory) {
  const { kube, clock, signal, flags } = runtime

  return async function reconcile(object: KubeObject, log: Log): Promise<Outcome> {
    const subject = subjectOf(runtime, IMAGE_POLICIES, object)
    if (!(await prepare(subject, log))) return {}
    const wasReady = subject.is('Ready')
    const before = subject.condition('Ready')?.message
    await begin(subject)
    const conclusion = await decide(subject)
    const isNews = conclusion.kind === 'ready' && wasReady && conclusion.message !== before
    const news = isNews ? conclusion.message : undefined
    await conclude(runtime, subject, conclusion, { wasReady, news, log, routine: 'no change of the latest image' })
    // Without tags there is nothing to try again: the scan that brings them wakes this policy.
    if (conclusion.kind === 'failed' && conclusion.message !== NO_TAGS) throw new Error(conclusion.message)
    const { interval } = subject.spec
    return conclusion.kind === 'ready' && interval ? { requeueAfter: parseDuration(interval) } : {}
  }

  async function decide(subject: Subject): Promise<Conclusion> {
    const { spec } = subject
    const failed = (reason: string, message: string): Conclusion => ({ kind: 'failed', reason, message })
    const stalled = (reason: string, message: string): Conclusion => ({ kind: 'stalled', reason, message })
    if (spec.digestReflectionPolicy === 'Always' && !spec.interval) {
      return stalled(
        'IntervalNotConfigured',
        "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'",
      )
    }
    const namespace: string = spec.imageRepositoryRef.namespace ?? subject.namespace
    const prefix = 'failed to get the referred ImageRepository: '
    if (flags.noCrossNamespaceRefs && namespace !== subject.namespace) {
      const name = `${namespace}/${spec.imageRepositoryRef.name}`
      const why = `cannot access 'ImageRepository/${name}', cross-namespace references have been blocked`
      return failed('AccessDenied', prefix + why)
    }
    let found: KubeObject
    try {
      found = await getAsCached(kube, IMAGE_REPOSITORIES, spec.imageRepositoryRef.name, namespace)
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      const why = `referenced ImageRepository does not exist: ${error.message}`
      return failed('DependencyNotReady', prefix + why)
    }
    const denied = await accessDenied(kube, subject.namespace, found)
    if (denied) return failed('AccessDenied', `${prefix}access denied: ${denied}`)
    const repository = new Subject(found, {
      kube,
      clock,
      resource: IMAGE_REPOSITORIES,
      fieldManager: runtime.component,
    })
    try {
      const image = parseImageName(repository.spec.image)
      checkPolicy(spec.policy)
      const tags = await tagsOf(repository.status['canonicalImageName'])
      if (tags.length === 0) return failed('DependencyNotReady', NO_TAGS)
      const tag = chooseTag(spec.policy, spec.filterTags, tags)
      return { kind: 'ready', message: await reflect(subject, repository, image, tag) }
    } catch (error) {
      if (signal.aborted) throw error
      if (error instanceof InvalidImage) return stalled('ImageURLInvalid', error.message)
      if (error instanceof InvalidPolicy) return stalled('InvalidPolicy', error.message)
      if (error instanceof NoChoice) return failed('Failure', error.message)
      return failed('Failed', messageOf(error))
    }
  }

  async function tagsOf(canonical: string | undefined): Promise<readonly string[]> {
    const read = () => (canonical === undefined ? [] : (database.get(canonical) ?? []))
    if (canonical === undefined) return []
    for (const pause of TAG_PAUSES) {
      if (read().length > 0) break
      await clock.sleep(pause, signal)
    }
    return read()
  }

  /** Writes the chosen image into the status and returns what Ready says of it. */
  async function reflect(subject: Subject, repository: Subject, image: ImageName, tag: string): Promise<string> {
    const known: ImageRef | undefined = subject.status['latestRef']
    const name: string = repository.spec.image
    const policy: string = subject.spec.digestReflectionPolicy ?? 'Never'
    const isKnown = known?.name === name && known.tag === tag && known.digest !== undefined
    let digest = policy === 'IfNotPresent' && isKnown ? known.digest : undefined
    if (policy !== 'Never' && digest === undefined) {
      try {
        const reader = await readerFor(runtime, repository, image, createReader)
        digest = (await reader.manifest(`${image.canonical}:${tag}`)).digest
      } catch (error) {
        const why = `failed fetching descriptor for "${name}:${tag}": ${registryErrorText(error)}`
        throw new Error(`failed fetching digest of ${name}:${tag}: ${why}`)
      }
    }
    const latest: ImageRef = { name, tag, ...(digest === undefined ? {} : { digest }) }
    if (!isDeepStrictEqual(latest, known)) {
      if (known) subject.status['observedPreviousRef'] = known
      else delete subject.status['observedPreviousRef']
      subject.status['latestRef'] = latest
    }
    return readyMessage(latest, subject.status['observedPreviousRef'])
  }
}

const NO_TAGS = 'no tags in database'
