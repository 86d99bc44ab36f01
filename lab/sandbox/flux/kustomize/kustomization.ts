import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { messageOf } from '../../core/errors.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { Outcome } from '../../core/reconciler.ts'
import type { EventType } from '../runtime/events.ts'
import type { Log } from '../runtime/log.ts'
import { KUSTOMIZATIONS } from '../runtime/resources.ts'
import { type Runtime, subjectOf } from '../runtime/runtime.ts'
import type { Subject } from '../runtime/subject.ts'
import { REFUSED, refusalOf } from '../runtime/unsupported.ts'
import { type ApplyError, applyStaged, changedLines } from './apply.ts'
import { type Artifact, ArtifactError, ArtifactMissing, fetchArtifact } from './artifact.ts'
import { BuildError, build } from './build.ts'
import type { ChangeSetEntry, Cluster } from './cluster.ts'
import { type DeleteError, deleteAll } from './delete.ts'
import { unmetDependency } from './dependencies.ts'
import { finalize } from './finalize.ts'
import { checkHealth } from './health.ts'
import { addToHistory } from './history.ts'
import { identityOf, subjectText } from './identity.ts'
import { inventoryOf, inventoryOfChanges, staleObjects } from './inventory.ts'
import { normalizeObjects } from './normalize.ts'
import { findSource } from './source.ts'
import { timeoutOf } from './timeout.ts'

const UNSUPPORTED = ['decryption', 'healthCheckExprs', 'ignore', 'kubeConfig', 'serviceAccountName']

const GROUP = 'kustomize.toolkit.fluxcd.io'

/** A reconciliation that failed at a stage: the reason that Ready takes, and what it says. */
class Failed extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

/** Reconciles Kustomizations: builds what the source offers, applies it, prunes what is no longer there. */
export function kustomizationReconciler(runtime: Runtime, cluster: Cluster) {
  const { kube, clock, flags, events } = runtime
  let builds = 0

  return async function reconcile(object: KubeObject, log: Log): Promise<Outcome> {
    const start = clock.now()
    const subject = subjectOf(runtime, KUSTOMIZATIONS, object)
    if (subject.deleting) {
      await finalize(subject, cluster, (type, message) => emit(subject, type, message, lastApplied(subject)))
      await announce(subject, start, log)
      return {}
    }
    if (!subject.hasFinalizer()) await subject.addFinalizer()
    const outcome = await run(subject, log)
    await conclude(subject)
    await announce(subject, start, log)
    return outcome
  }

  /** Every reconciliation that leaves Ready true says that it is done, that of a deletion too. */
  async function announce(subject: Subject, start: number, log: Log): Promise<void> {
    if (subject.spec.suspend || !subject.is('Ready')) return
    const next = formatDuration(parseDuration(subject.spec.interval))
    const message = `Reconciliation finished in ${formatDuration(clock.now() - start)}, next run in ${next}`
    log.info(message, { revision: subject.status['lastAttemptedRevision'] })
    await emit(subject, 'Normal', message, lastApplied(subject), { [`${GROUP}/commit_status`]: 'update' })
  }

  async function run(subject: Subject, log: Log): Promise<Outcome> {
    if (subject.spec.suspend) {
      log.info('Reconciliation is suspended for this object')
      return {}
    }
    const refusal = refusalOf('kustomize-controller', subject.spec, refusedFields(subject))
    if (refusal) return stall(subject, REFUSED, refusal)
    const source = await findSource(kube, subject, flags.noCrossNamespaceRefs)
    if (source.kind === 'denied') return stall(subject, 'AccessDenied', source.message)
    const retry = parseDuration(subject.spec.retryInterval ?? subject.spec.interval)
    if (source.kind === 'missing') {
      subject.mark('Ready', 'False', 'ArtifactFailed', source.message)
      log.info(`Source '${subject.spec.sourceRef.kind}/${subject.spec.sourceRef.name}' not found`)
      return { requeueAfter: retry }
    }
    const again = flags.requeueDependency
    if (!source.artifact)
      return notYet(subject, 'ArtifactFailed', `Source artifact not found, retrying in ${formatDuration(again)}`, log)
    const { revision } = source.artifact
    const unmet = await unmetDependency(kube, subject, revision)
    if (unmet) {
      subject.mark('Ready', 'False', 'DependencyNotReady', unmet)
      const message = `Dependencies do not meet ready condition, retrying in ${formatDuration(again)}`
      log.info(message)
      await emit(subject, 'Normal', message, revision)
      return { requeueAfter: again, action: 'check its dependencies again' }
    }
    try {
      await reconcileArtifact(subject, source.artifact, log)
    } catch (error) {
      if (runtime.signal.aborted) throw error
      if (error instanceof ArtifactMissing) {
        const message = `Source is not ready, artifact not found, retrying in ${formatDuration(again)}`
        return notYet(subject, 'ArtifactFailed', message, log)
      }
      const { reason, message } =
        error instanceof Failed ? error : { reason: 'ReconciliationFailed', message: messageOf(error) }
      subject.mark('Ready', 'False', reason, message)
      log.error(`Reconciliation failed, next try in ${formatDuration(retry)}`, message, { revision })
      await emit(subject, 'Warning', message, revision)
      return { requeueAfter: retry, action: 'apply it again' }
    }
    return { requeueAfter: parseDuration(subject.spec.interval) }
  }

  function notYet(subject: Subject, reason: string, message: string, log: Log): Outcome {
    subject.mark('Ready', 'False', reason, message)
    log.info(message)
    return { requeueAfter: flags.requeueDependency, action: 'look for the artifact again' }
  }

  async function stall(subject: Subject, reason: string, message: string): Promise<Outcome> {
    subject.markStalled(reason, message)
    subject.status['observedGeneration'] = subject.generation
    await emit(subject, 'Warning', message)
    return {}
  }

  async function reconcileArtifact(subject: Subject, artifact: Artifact, log: Log): Promise<void> {
    const start = clock.now()
    const { revision } = artifact
    const timeout = timeoutOf(subject.spec)
    const report = (doing: string) => {
      subject.markReconciling(
        'Progressing',
        `${doing} for revision ${revision} with a timeout of ${formatDuration(timeout)}`,
      )
      return subject.save()
    }
    const label = {
      actor: 'kustomize-controller',
      subject: `Kustomization ${subject.namespace}/${subject.name}`,
      action: 'fetch the artifact again',
    }
    subject.mark('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress')
    await report('Fetching manifests')
    const before = inventoryOf(subject)
    const working = await workspace()
    try {
      const folder = await fetchManifests(subject, artifact, working, label)
      subject.status['lastAttemptedRevision'] = revision
      await report('Building manifests')
      const { objects, digest } = await buildManifests(subject, folder, working)
      const remember = (status: string) => {
        subject.status['history'] = addToHistory(subject.status['history'] ?? [], {
          digest,
          metadata: { revision },
          status,
          at: subject.timestamp,
          duration: formatDuration(clock.now() - start),
        })
      }
      await report('Detecting drift')
      const changes = await applyManifests(subject, objects, revision, timeout, remember)
      subject.status['inventory'] = inventoryOfChanges(changes)
      await prune(subject, before, revision, remember)
      await checkHealth({
        cluster,
        subject,
        changes,
        revision,
        timeout,
        isNews: subject.status['lastAppliedRevision'] !== revision && changedLines(changes).length > 0,
        onRecovered: (message) => emit(subject, 'Normal', message, revision),
      }).catch((error) => {
        if (runtime.signal.aborted) throw error
        remember('HealthCheckFailed')
        throw new Failed('HealthCheckFailed', messageOf(error))
      })
      subject.status['lastAppliedRevision'] = revision
      subject.mark('Ready', 'True', 'ReconciliationSucceeded', `Applied revision: ${revision}`)
      remember('ReconciliationSucceeded')
    } finally {
      rmSync(working.path, { recursive: true, force: true })
    }
    log.debug('reconciled', { revision })
  }

  /** An empty folder, and the name under which messages speak of it: the real controller works in /tmp. */
  async function workspace(): Promise<{ path: string; shown: (text: string) => string }> {
    const name = `kustomization-${++builds}`
    mkdirSync(join(runtime.context.scratch, name), { recursive: true })
    const path = realpathSync(join(runtime.context.scratch, name))
    return { path, shown: (text) => text.replaceAll(path, `/tmp/${name}`) }
  }

  async function fetchManifests(
    subject: Subject,
    artifact: Artifact,
    working: Awaited<ReturnType<typeof workspace>>,
    label: { actor: string; subject: string; action: string },
  ): Promise<string> {
    try {
      await fetchArtifact(runtime, artifact, working.path, label)
    } catch (error) {
      if (error instanceof ArtifactError) throw new Failed('ArtifactFailed', error.message)
      throw error
    }
    // Normalised below the root, so that `..` leads nowhere.
    const folder = join(working.path, normalize(`/${subject.spec.path ?? './'}`)).replace(/\/$/, '')
    if (!existsSync(folder)) {
      const message = `kustomization path not found: stat ${working.shown(folder)}: no such file or directory`
      throw new Failed('ArtifactFailed', message)
    }
    return folder
  }

  async function buildManifests(subject: Subject, folder: string, working: Awaited<ReturnType<typeof workspace>>) {
    const { kubectl } = runtime.context
    const { spec, namespace } = subject
    try {
      return await build({ kubectl, kube, root: working.path, folder, namespace, spec, signal: runtime.signal })
    } catch (error) {
      if (error instanceof BuildError) throw new Failed('BuildFailed', working.shown(error.message))
      throw error
    }
  }

  async function applyManifests(
    subject: Subject,
    built: readonly KubeObject[],
    revision: string,
    timeout: number,
    remember: (status: string) => void,
  ): Promise<readonly ChangeSetEntry[]> {
    const objects = normalizeObjects(built, subject)
    const label = {
      actor: 'kustomize-controller',
      subject: `Kustomization ${subject.namespace}/${subject.name}`,
      action: 'look at the applied definitions again',
    }
    try {
      const encrypted = objects.find((object) => object.kind === 'Secret' && object['sops'] !== undefined)
      if (encrypted) {
        throw new Error(
          `${subjectText(identityOf(encrypted))} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
        )
      }
      const force = subject.spec.force === true
      const changes = await applyStaged(cluster, objects, { force, timeout, label })
      const lines = changedLines(changes)
      if (lines.length > 0) await emit(subject, 'Normal', lines.join('\n'), revision)
      return changes
    } catch (error) {
      if (runtime.signal.aborted) throw error
      remember('ReconciliationFailed')
      throw new Failed('ReconciliationFailed', (error as ApplyError).message)
    }
  }

  async function prune(
    subject: Subject,
    before: ReturnType<typeof inventoryOf>,
    revision: string,
    remember: (status: string) => void,
  ): Promise<void> {
    const stale = staleObjects(before, inventoryOf(subject))
    if (!subject.spec.prune || stale.length === 0) return
    try {
      const deleted = await deleteAll(cluster, stale, subject)
      const lines = deleted.map(({ identity, action }) => `${subjectText(identity)} ${action}`)
      await emit(subject, 'Normal', lines.join('\n'), revision)
    } catch (error) {
      if (runtime.signal.aborted) throw error
      const settled = new Set(((error as DeleteError).changes ?? []).map(({ identity }) => subjectText(identity)))
      const left = stale.filter(({ identity }) => !settled.has(subjectText(identity)))
      subject.status['inventory'] = inventoryOfChanges([...inventoryOf(subject), ...left])
      remember('PruneFailed')
      throw new Failed('PruneFailed', messageOf(error))
    }
  }

  async function conclude(subject: Subject): Promise<void> {
    subject.handleRequest()
    if (subject.is('Ready')) {
      subject.unmark('Reconciling')
      subject.unmark('Stalled')
      subject.status['observedGeneration'] = subject.generation
    }
    if (subject.is('Ready', 'False')) subject.retrying()
    await subject.save()
  }

  /** An event takes its reason from Ready, as it is at that moment. */
  function emit(
    subject: Subject,
    type: EventType,
    message: string,
    revision?: string,
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const reason = subject.condition('Ready')?.reason ?? (type === 'Warning' ? 'error' : 'info')
    return events.emit(subject.object, type, reason, message, {
      ...annotations,
      ...(revision ? { [`${GROUP}/revision`]: revision } : {}),
    })
  }
}

const lastApplied = (subject: Subject): string | undefined => subject.status['lastAppliedRevision']

const refusedFields = (subject: Subject): readonly string[] => [
  ...UNSUPPORTED,
  ...((subject.spec.dependsOn ?? []) as { readyExpr?: string }[]).flatMap(({ readyExpr }, at) =>
    readyExpr ? [`dependsOn.${at}.readyExpr`] : [],
  ),
]
