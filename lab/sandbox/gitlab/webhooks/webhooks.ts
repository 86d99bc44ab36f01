import { randomUUID } from 'node:crypto'
import { messageOf } from '../../core/errors.ts'
import type { Names } from '../../core/names.ts'
import { type App, nowOf } from '../app.ts'
import { matchesBranch } from '../branches.ts'
import type { Hook, HookDelivery, HookEvent, Job, Pipeline, Project, RefChange, User } from '../entities.ts'
import { jobPayload, pipelinePayload, pushPayload } from './payloads.ts'

/** GitLab waits this long for an answer. */
const PATIENCE = 10_000
/** Deliveries that are remembered for each hook. */
const KEPT = 50

export const EVENT_NAMES: Readonly<Record<HookEvent, string>> = {
  push_events: 'Push Hook',
  tag_push_events: 'Tag Push Hook',
  pipeline_events: 'Pipeline Hook',
  job_events: 'Job Hook',
}

/** Sends events to the hooks of a project. Whatever becomes of a delivery is recorded, nothing is thrown. */
export class Webhooks {
  private readonly pending = new Set<Promise<unknown>>()
  private readonly stopping = new AbortController()

  constructor(
    private readonly app: App,
    private readonly names: () => Names | undefined,
  ) {}

  push(project: Project, user: User, change: RefChange): void {
    const event = change.ref.startsWith('refs/tags/') ? 'tag_push_events' : 'push_events'
    const branch = change.ref.replace(/^refs\/heads\//, '')
    const wants = ({ push_events_branch_filter: filter }: Hook) =>
      event !== 'push_events' || filter === '' || matchesBranch(filter, branch)
    this.send(project, event, wants, () => pushPayload(this.app, project, user, change))
  }

  pipeline(pipeline: Pipeline): void {
    this.sendAs(pipeline, 'pipeline_events', (project, user) => pipelinePayload(this.app, project, user, pipeline))
  }

  job(job: Job): void {
    this.sendAs(job, 'job_events', (project, user) => jobPayload(this.app, project, user, job))
  }

  /** Sends one event to one hook and returns what became of it. */
  async deliver(hook: Hook, event: HookEvent, payload: unknown): Promise<HookDelivery> {
    const id = randomUUID()
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      'User-Agent': 'GitLab/19.1.0',
      'Idempotency-Key': id,
      'X-Gitlab-Event': EVENT_NAMES[event],
      'X-Gitlab-Webhook-UUID': randomUUID(),
      'X-Gitlab-Instance': this.app.url(),
      'X-Gitlab-Event-UUID': id,
    }
    const started = this.app.clock.now()
    const answer = await this.post(
      hook,
      { ...headers, ...(hook.token ? { 'X-Gitlab-Token': hook.token } : {}) },
      payload,
    )
    const delivery = this.app.records.deliveries.insert({
      hook_id: hook.id,
      url: hook.url,
      trigger: event,
      request_headers: { ...headers, ...(hook.token ? { 'X-Gitlab-Token': '[REDACTED]' } : {}) },
      request_data: payload,
      ...answer,
      execution_duration: (this.app.clock.now() - started) / 1000,
      created_at: nowOf(this.app),
    })
    const old = this.app.records.deliveries.list(({ hook_id }) => hook_id === hook.id).slice(0, -KEPT)
    for (const each of old) this.app.records.deliveries.delete(each.id)
    return delivery
  }

  /** Gives up what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await Promise.allSettled(this.pending)
  }

  private sendAs(
    record: { readonly project_id: number; readonly user_id: number },
    event: HookEvent,
    payload: (project: Project, user: User) => Promise<unknown>,
  ): void {
    const project = this.app.records.projects.get(record.project_id)
    const user = this.app.records.users.get(record.user_id)
    if (project && user)
      this.send(
        project,
        event,
        () => true,
        () => payload(project, user),
      )
  }

  private send(
    project: Project,
    event: HookEvent,
    wants: (hook: Hook) => boolean,
    payload: () => Promise<unknown>,
  ): void {
    const hooks = this.app.records.hooks
      .list((hook) => hook.project_id === project.id && hook.events[event])
      .filter(wants)
    if (hooks.length === 0) return
    const sending = payload()
      .then((body) => Promise.all(hooks.map((hook) => this.deliver(hook, event, body))))
      .catch((error: unknown) => this.app.log(`gitlab: webhook of project ${project.id}: ${messageOf(error)}`))
      .finally(() => this.pending.delete(sending))
    this.pending.add(sending)
  }

  private async post(
    hook: Hook,
    headers: Record<string, string>,
    payload: unknown,
  ): Promise<Pick<HookDelivery, 'response_status' | 'response_headers' | 'response_body'>> {
    const tooLong = new AbortController()
    const timer = this.app.clock.setTimeout(() => tooLong.abort(new Error('Net::ReadTimeout')), PATIENCE)
    try {
      const names = this.names()
      if (!names) throw new Error('the cluster is not up yet')
      const response = await names.fetch(hook.url, {
        method: 'POST',
        headers,
        body: JSON.stringify(payload),
        redirect: 'manual',
        signal: AbortSignal.any([tooLong.signal, this.stopping.signal]),
      })
      const body = (await response.text()).slice(0, 8192)
      return {
        response_status: String(response.status),
        response_headers: Object.fromEntries(response.headers),
        response_body: body,
      }
    } catch (error) {
      const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : ''
      return { response_status: 'internal error', response_headers: {}, response_body: `${messageOf(error)}${cause}` }
    } finally {
      timer.cancel()
    }
  }
}
