import { equalJson } from '../../core/json.ts'
import { isNotFound, type KubeObject } from '../../core/kube-client.ts'
import {
  APPLICATIONS,
  type Application,
  isCompleted,
  type OperationState,
  type RevisionHistory,
} from '../application.ts'
import type { Controller } from './controller.ts'
import { beginOrResume, type OperationTools, operate } from './operate.ts'
import { afterFailure, nextAttempt, pendingRetry, writeOperationState } from './operation-state.ts'
import { CONTROLLER } from './persist.ts'

/** The pause between waves: ARGOCD_SYNC_WAVE_DELAY. */
const WAVE_DELAY = 2000
/** How long a step waits for a change before it looks again. */
const STEP_PAUSE = 1000
const HISTORY_LIMIT = 10

/** Runs the operation of an Application to its end, a step at a time, or goes on with one that was interrupted. */
export async function runOperation(controller: Controller, key: string): Promise<void> {
  const { clock, signal } = controller.context
  let app = await controller.application(key)
  let state = app && beginOrResume(app, clock.now())
  if (!app || !state) return
  ;({ app, state } = await write(controller, app, state))
  while (!isCompleted(state.phase)) {
    if (signal.aborted) return
    const retryAt = pendingRetry(state)
    if (retryAt !== undefined && state.phase !== 'Terminating') {
      if (retryAt > clock.now()) {
        await controller.change(key, retryAt - clock.now(), label(key, 'try the sync again'))
      } else ({ app, state } = await write(controller, app, nextAttempt(state)))
    } else {
      const next = await step(controller, app, state)
      if (signal.aborted) return
      const followed = state.phase === 'Terminating' ? { state: next } : afterFailure(next, clock.now())
      if (!equalJson(followed.state, state)) ({ app, state } = await write(controller, app, followed.state))
      if (state.phase === 'Running' && !state.finishedAt) await controller.change(key, STEP_PAUSE)
    }
    if (isCompleted(state.phase)) break
    const fresh = await controller.application(key)
    if (!fresh) return
    app = fresh
    if (fresh.status?.operationState?.phase === 'Terminating') state = { ...state, phase: 'Terminating' }
  }
  if (!state.operation.sync?.dryRun) controller.request(key, 'resolve')
}

const label = (key: string, action: string) => ({ actor: 'Argo CD', subject: `Application ${key}`, action })

const write = ({ context, events }: Controller, app: Application, state: OperationState) =>
  writeOperationState(context.kube, events, app, state, context.clock.now())

async function step(controller: Controller, app: Application, state: OperationState): Promise<OperationState> {
  const name = app.spec.project || 'default'
  const project = controller.project(name)
  if (!project) {
    const message = `Failed to load application project: error getting app project "${name}": appproject.argoproj.io "${name}" not found`
    return { ...state, phase: 'Error', message }
  }
  return operate(app, project, state, toolsFor(controller, app))
}

function toolsFor(controller: Controller, app: Application): OperationTools {
  const { clock, signal } = controller.context
  const key = `${app.metadata.namespace}/${app.metadata.name}`
  return {
    ...controller.tools,
    now: () => clock.now(),
    afterWave: () => clock.sleep(WAVE_DELAY, signal, label(key, 'apply the next wave')),
    established: (definition) => established(controller, definition),
    remember: (entry) => remember(controller, app, entry),
  }
}

/** Waits until a CustomResourceDefinition is served, so that objects of its kind can follow. */
async function established({ context, cache, operations }: Controller, definition: KubeObject): Promise<void> {
  for (let attempt = 0; attempt < 50 && !context.signal.aborted; attempt++) {
    const live = await operations.get(definition)
    const conditions: { type: string; status: string }[] = live?.['status']?.conditions ?? []
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) break
    await context.clock.sleep(100, context.signal)
  }
  await cache.discover()
}

async function remember({ context }: Controller, app: Application, entry: Omit<RevisionHistory, 'id'>): Promise<void> {
  const { name, namespace } = app.metadata
  const fresh = (await context.kube.get(APPLICATIONS, name, namespace)) as Application
  const before = fresh.status?.history ?? []
  const id = (before.at(-1)?.id ?? -1) + 1
  const limit = app.spec.revisionHistoryLimit ?? HISTORY_LIMIT
  const history = limit > 0 ? [...before, { id, ...entry }].slice(-limit) : []
  await context.kube
    .patch(APPLICATIONS, name, namespace, 'merge', { status: { history } }, { fieldManager: CONTROLLER })
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
}
