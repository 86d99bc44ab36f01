import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseDuration } from '../../core/duration.ts'
import { messageOf } from '../../core/errors.ts'
import { type GitAuth, RemoteError, type RemoteRepository } from '../../core/git-remote.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import { secretData } from '../../core/kube-objects.ts'
import type { Outcome } from '../../core/reconciler.ts'
import { InvalidConstraint } from '../../core/semver.ts'
import { clone } from '../git/clone.ts'
import { AuthError, gitAuthOf, readSecret } from '../git/credentials.ts'
import { type Commit, type GitReference, revisionOf, shortMessage } from '../git/reference.ts'
import { deadline } from '../runtime/deadline.ts'
import type { Log } from '../runtime/log.ts'
import { GIT_REPOSITORIES } from '../runtime/resources.ts'
import { type Runtime, subjectOf } from '../runtime/runtime.ts'
import { begin, prepare, refuse } from '../runtime/stages.ts'
import type { Subject } from '../runtime/subject.ts'
import { refusalOf, type UnsupportedField } from '../runtime/unsupported.ts'
import { archive } from './archive.ts'
import type { ArtifactStorage } from './storage.ts'

const UNSUPPORTED: readonly (string | UnsupportedField)[] = [
  { path: 'provider', unless: (provider) => provider === 'generic' },
  'proxySecretRef',
  'recurseSubmodules',
  'sparseCheckout',
  'include',
  'verify',
  'serviceAccountName',
]

/** A fetch that failed: what the conditions FetchFailed and Ready say. */
class FetchFailed extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

type Artifact = { revision: string; digest: string; size: number; url: string; path: string; lastUpdateTime: string }

/** Reconciles GitRepositories: fetches the reference and publishes its files as an artifact. */
export function gitRepositoryReconciler(runtime: Runtime, storage: ArtifactStorage) {
  let checkouts = 0

  return async function reconcile(object: KubeObject, log: Log): Promise<Outcome> {
    const subject = subjectOf(runtime, GIT_REPOSITORIES, object)
    const folder = folderOf(subject)
    if (subject.deleting) storage.removeFolder(folder)
    if (!(await prepare(subject, log))) return {}
    const refusal = refusalOf('source-controller', subject.spec, UNSUPPORTED)
    if (refusal) {
      await refuse(runtime, subject, refusal)
      return {}
    }
    const interval = parseDuration(subject.spec.interval)
    await begin(subject)
    await checkArtifact(subject)
    const directory = join(runtime.context.scratch, `checkout-${++checkouts}`)
    try {
      await fetchAndStore(subject, directory, folder, log)
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error
      await fail(subject, error)
      throw error
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    return { requeueAfter: interval }
  }

  /** Forgets an artifact that the storage has lost. */
  async function checkArtifact(subject: Subject): Promise<void> {
    const artifact = artifactOf(subject)
    if (artifact && storage.has(artifact.path)) return
    delete subject.status['artifact']
    subject.progress(true, artifact ? 'building artifact: disappeared from storage' : 'building artifact')
    subject.unmark('ArtifactInStorage')
    await subject.save()
  }

  async function fetchAndStore(subject: Subject, directory: string, folder: string, log: Log): Promise<void> {
    const reference: GitReference = subject.spec.ref ?? {}
    const before = artifactOf(subject)
    const ignoreChanged = subject.spec.ignore !== subject.status['observedIgnore']
    const known = before && !ignoreChanged && subject.is('ArtifactInStorage') ? before.revision : undefined
    const commit = await checkOut(subject, reference, directory, known)
    const revision = revisionOf(reference, commit)
    const recovered = subject.is('FetchFailed')
    subject.unmark('FetchFailed')

    if (before?.revision === revision && !ignoreChanged) {
      await succeed(subject, revision)
      if (commit.message === undefined) {
        const message = `no changes since last reconciliation: observed revision '${revision}'`
        log.info(message)
        await runtime.events.emit(subject.object, 'Normal', 'GitOperationSucceeded', message)
      }
      if (recovered) await announce(subject, 'Succeeded', commit, revision, log)
      return
    }
    if (before?.revision !== revision) {
      const message = `new upstream revision '${revision}'`
      if (before) subject.mark('ArtifactOutdated', 'True', 'NewRevision', message)
      subject.progress(true, `building artifact: ${message}`)
      await subject.save()
    }
    const { data, digest } = await archive(directory, subject.spec.ignore)
    const path = `${folder}/${commit.sha}.tar.gz`
    storage.put(path, data)
    const artifact: Artifact = {
      revision,
      digest,
      size: data.length,
      url: storage.url(path),
      path,
      lastUpdateTime: subject.timestamp,
    }
    subject.status['artifact'] = artifact
    if (subject.spec.ignore === undefined) delete subject.status['observedIgnore']
    else subject.status['observedIgnore'] = subject.spec.ignore
    await succeed(subject, revision)
    if (before?.digest !== digest) await announce(subject, 'NewArtifact', commit, revision, log)
    else if (recovered) await announce(subject, 'Succeeded', commit, revision, log)
  }

  async function checkOut(
    subject: Subject,
    reference: GitReference,
    directory: string,
    lastObserved: string | undefined,
  ): Promise<Commit> {
    const limit = deadline(runtime, parseDuration(subject.spec.timeout ?? '60s'))
    try {
      const repository: RemoteRepository = {
        url: subject.spec.url,
        auth: await authOf(subject),
        names: runtime.context.names,
        signal: limit.signal,
      }
      const commit = await clone(repository, reference, { directory, lastObserved })
      if (!commit) throw new FetchFailed('EmptyGitRepository', 'git repository is empty')
      return commit
    } catch (error) {
      if (error instanceof AuthError) throw new FetchFailed('AuthenticationFailed', error.message)
      if (error instanceof RemoteError || error instanceof InvalidConstraint) {
        const cause = error instanceof InvalidConstraint ? `semver parse error: ${error.message}` : error.message
        throw new FetchFailed('GitOperationFailed', `failed to checkout and determine revision: ${cause}`)
      }
      throw error
    } finally {
      limit.cancel()
    }
  }

  async function authOf(subject: Subject): Promise<GitAuth> {
    const name: string | undefined = subject.spec.secretRef?.name
    if (!name) return gitAuthOf(subject.spec.url, {})
    const failed = `failed to get secret '${subject.namespace}/${name}'`
    // Two layers of the real controller say the same, and it shows.
    const secret = await readSecret(runtime.kube, subject.namespace, name, `${failed}: ${failed}`)
    return gitAuthOf(subject.spec.url, secretData(secret))
  }

  async function succeed(subject: Subject, revision: string): Promise<void> {
    const message = `stored artifact for revision '${revision}'`
    subject.unmark('Reconciling')
    subject.unmark('Stalled')
    subject.unmark('ArtifactOutdated')
    subject.mark('ArtifactInStorage', 'True', 'Succeeded', message)
    subject.mark('Ready', 'True', 'Succeeded', message)
    subject.status['observedGeneration'] = subject.generation
    subject.handleRequest()
    await subject.save()
  }

  async function fail(subject: Subject, error: FetchFailed): Promise<void> {
    subject.mark('FetchFailed', 'True', error.reason, error.message)
    subject.mark('Ready', 'False', error.reason, error.message)
    subject.retrying()
    subject.handleRequest()
    await subject.save()
    await runtime.events.emit(subject.object, 'Warning', error.reason, messageOf(error))
  }

  async function announce(subject: Subject, reason: string, commit: Commit, revision: string, log: Log) {
    const what = commit.message === undefined ? revision : shortMessage(commit.message)
    const message = `stored artifact for commit '${what}'`
    log.info(message)
    await runtime.events.emit(subject.object, 'Normal', reason, message, {
      'source.toolkit.fluxcd.io/revision': revision,
      'source.toolkit.fluxcd.io/digest': artifactOf(subject)?.digest ?? '',
    })
  }
}

const artifactOf = (subject: Subject): Artifact | undefined => subject.status['artifact']

const folderOf = (subject: Subject): string => `gitrepository/${subject.namespace}/${subject.name}`
