import { realpathSync, rmSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseDuration } from '../../core/duration.ts'
import { messageOf } from '../../core/errors.ts'
import { RemoteError } from '../../core/git-remote.ts'
import type { KubeObject } from '../../core/kube-client.ts'
import type { Outcome } from '../../core/reconciler.ts'
import { InvalidConstraint } from '../../core/semver.ts'
import { type Commit, revisionOf } from '../git/reference.ts'
import { deadline } from '../runtime/deadline.ts'
import type { Log } from '../runtime/log.ts'
import { IMAGE_POLICIES, IMAGE_UPDATE_AUTOMATIONS } from '../runtime/resources.ts'
import { type Runtime, subjectOf } from '../runtime/runtime.ts'
import { begin, type Conclusion, conclude, prepare } from '../runtime/stages.ts'
import type { Subject } from '../runtime/subject.ts'
import { REFUSED, refusalOf } from '../runtime/unsupported.ts'
import { checkOutSource, type GitPlan, PlanError, planOf, repositoryOf } from './checkout.ts'
import { commitMessage, MessageError, RemovedTemplateField } from './message.ts'
import { commitAll, push } from './push.ts'
import { InvalidSelector, selectorText } from './selector.ts'
import { type Policy, settersOf } from './setters.ts'
import { updateFiles } from './update.ts'

const UP_TO_DATE = 'repository up-to-date'
const UP_TO_DATE_CONCLUSION: Conclusion = { kind: 'ready', message: UP_TO_DATE }

type Result = {
  readonly conclusion: Conclusion
  /** What was pushed, for the event. */
  readonly pushed?: string
  readonly routine?: string
}

/** Reconciles ImageUpdateAutomations: writes the images that policies chose into a repository. */
export function imageUpdateAutomationReconciler(runtime: Runtime) {
  const { kube, clock, flags } = runtime
  let checkouts = 0

  return async function reconcile(object: KubeObject, log: Log): Promise<Outcome> {
    const subject = subjectOf(runtime, IMAGE_UPDATE_AUTOMATIONS, object)
    if (!(await prepare(subject, log, false))) return {}
    const wasReady = subject.is('Ready')
    subject.status['lastAutomationRunTime'] = subject.timestamp
    await begin(subject)
    const { conclusion, pushed, routine = UP_TO_DATE } = await run(subject, log)
    await conclude(runtime, subject, conclusion, { wasReady, news: pushed, log, routine })
    if (conclusion.kind === 'failed') throw new Error(conclusion.message)
    return conclusion.kind === 'ready' ? { requeueAfter: parseDuration(subject.spec.interval) } : {}
  }

  async function run(subject: Subject, log: Log): Promise<Result> {
    const stalled = (reason: string, message: string): Result => ({ conclusion: { kind: 'stalled', reason, message } })
    const refusal = refusalOf('image-automation-controller', subject.spec, ['git.commit.signingKey'])
    if (refusal) return stalled(REFUSED, refusal)
    try {
      const policies = await policiesOf(subject)
      const plan = await planOf(kube, subject, flags.noCrossNamespaceRefs)
      return await update(subject, plan, policies, log)
    } catch (error) {
      if (runtime.signal.aborted) throw error
      if (error instanceof InvalidSelector) return stalled('InvalidPolicySelector', error.message)
      if (error instanceof RemovedTemplateField) return stalled('RemovedTemplateField', error.message)
      if (error instanceof PlanError && error.reason !== 'SourceManagerFailed') {
        return stalled(error.reason, error.message)
      }
      const reason = error instanceof Failed || error instanceof PlanError ? error.reason : 'Failed'
      return { conclusion: { kind: 'failed', reason, message: messageOf(error) } }
    }
  }

  /** The policies of the namespace that have chosen an image. */
  async function policiesOf(subject: Subject): Promise<readonly Policy[]> {
    const labelSelector = selectorText(subject.spec.policySelector)
    const { items } = await kube.list(IMAGE_POLICIES, {
      namespace: subject.namespace,
      ...(labelSelector ? { labelSelector } : {}),
    })
    return items.flatMap(({ metadata, status }) =>
      status?.latestRef ? [{ namespace: subject.namespace, name: metadata.name, latestRef: status.latestRef }] : [],
    )
  }

  async function update(subject: Subject, plan: GitPlan, policies: readonly Policy[], log: Log): Promise<Result> {
    const observedPolicies = Object.fromEntries(policies.map(({ name, latestRef }) => [name, latestRef]))
    const { refspec } = subject.spec.git.push ?? {}
    const full =
      plan.switchBranch ||
      Boolean(refspec) ||
      !isDeepStrictEqual(observedPolicies, subject.status['observedPolicies'] ?? {})
    const lastObserved: string | undefined = full ? undefined : subject.status['observedSourceRevision']
    const directory = join(runtime.context.scratch, `automation-${++checkouts}`)
    const limit = deadline(runtime, parseDuration(plan.timeout))
    const repository = repositoryOf(plan, runtime.context.names, limit.signal)
    try {
      const commit = await failing('GitOperationFailed', 'failed to checkout source', () =>
        checkOutSource(plan, repository, directory, lastObserved),
      )
      if (!commit) throw new Failed('GitOperationFailed', 'failed to checkout source: git repository is empty')
      if (commit.message === undefined) {
        return { conclusion: UP_TO_DATE_CONCLUSION, routine: 'no change since last reconciliation' }
      }
      const observe = (revision: string) => {
        subject.status['observedSourceRevision'] = revision
        subject.status['observedPolicies'] = observedPolicies
      }
      const root = realpathSync(directory)
      const below = join(root, normalize(`/${subject.spec.update?.path ?? ''}`)).replace(/\/$/, '')
      const changes = await failing('UpdateFailed', 'failed to apply policies', async () =>
        updateFiles(below, settersOf(policies), log),
      )
      const sha = await failing('GitOperationFailed', 'failed to update source', async () => {
        if (changes.FileChanges.size === 0) return undefined
        const { author, messageTemplate, messageTemplateValues } = subject.spec.git.commit
        const message = commitMessage(messageTemplate, subject, changes, messageTemplateValues)
        const made = await commitAll(directory, { author, message, now: clock.now(), signal: limit.signal })
        if (made === undefined) return undefined
        const options: Record<string, string> = subject.spec.git.push?.options ?? {}
        const target = `HEAD:refs/heads/${plan.pushBranch}`
        await push(repository, directory, { refspec: target, force: plan.switchBranch, options })
        if (refspec) await push(repository, directory, { refspec, force: false, options })
        return { made, message }
      })
      if (!sha) {
        observe(revisionOf(plan.reference, commit))
        return { conclusion: UP_TO_DATE_CONCLUSION }
      }
      return pushedResult(subject, plan, commit, sha.made, sha.message, observe)
    } finally {
      limit.cancel()
      rmSync(directory, { recursive: true, force: true })
    }
  }

  function pushedResult(
    subject: Subject,
    plan: GitPlan,
    source: Commit,
    sha: string,
    message: string,
    observe: (revision: string) => void,
  ): Result {
    observe(plan.switchBranch ? revisionOf(plan.reference, source) : `${plan.pushBranch}@sha1:${sha}`)
    subject.status['lastPushCommit'] = sha
    subject.status['lastPushTime'] = subject.timestamp
    const { refspec } = subject.spec.git.push ?? {}
    const also = refspec ? ` and refspecs '${refspec}'` : ''
    const pushed = `pushed commit '${sha.slice(0, 7)}' to branch '${plan.pushBranch}'${also}\n${message}`
    return { conclusion: UP_TO_DATE_CONCLUSION, pushed }
  }
}

/** A stage that failed: the reason that Ready takes. */
class Failed extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

async function failing<T>(reason: string, doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    const isKnown = error instanceof RemoteError || error instanceof MessageError || error instanceof InvalidConstraint
    if (error instanceof RemovedTemplateField || (!isKnown && reason !== 'UpdateFailed')) throw error
    throw new Failed(reason, `${doing}: ${messageOf(error)}`)
  }
}
