import { ApiError } from '../../core/errors.ts'
import { nowOf, repositoryOf } from '../app.ts'
import { type Hook, type HookEvent, NO_COMMIT, type Project } from '../entities.ts'
import type { Services } from '../services.ts'
import { hookView } from '../views.ts'
import { jobPayload, pipelinePayload, pushPayload } from '../webhooks/payloads.ts'
import { EVENT_NAMES } from '../webhooks/webhooks.ts'
import {
  type Api,
  type ApiContext,
  flag,
  idOf,
  notFound,
  oneOf,
  ownProjectOf,
  type Params,
  paginate,
  required,
  text,
  userOf,
} from './support.ts'

const EVENTS = Object.keys(EVENT_NAMES) as HookEvent[]

/** Webhooks of a project, their deliveries, and trying one. */
export function registerHooks(api: Api, { app, webhooks }: Services): void {
  const { hooks, deliveries, jobs, pipelines } = app.records

  const hookOf = (c: ApiContext, project: Project): Hook => {
    const hook = hooks.get(idOf(c, 'hook_id'))
    if (!hook || hook.project_id !== project.id) throw notFound()
    return hook
  }

  api.get('/projects/:id/hooks', (c) => {
    const project = ownProjectOf(app, c)
    return paginate(
      c,
      hooks.list(({ project_id }) => project_id === project.id),
      hookView,
    )
  })

  api.get('/projects/:id/hooks/:hook_id', (c) => c.json(hookView(hookOf(c, ownProjectOf(app, c)))))

  api.post('/projects/:id/hooks', (c) => {
    const project = ownProjectOf(app, c)
    const params = c.get('params')
    const { url } = required(params, 'url')
    const hook = hooks.insert({
      project_id: project.id,
      created_at: nowOf(app),
      ...settingsOf(params, {
        url,
        name: null,
        description: null,
        token: null,
        enable_ssl_verification: true,
        push_events_branch_filter: '',
        events: { push_events: true, tag_push_events: false, pipeline_events: false, job_events: false },
      }),
    })
    return c.json(hookView(hook), 201)
  })

  api.put('/projects/:id/hooks/:hook_id', (c) => {
    const hook = hookOf(c, ownProjectOf(app, c))
    return c.json(hookView(hooks.update(hook.id, settingsOf(c.get('params'), hook)) as Hook))
  })

  api.delete('/projects/:id/hooks/:hook_id', (c) => {
    const hook = hookOf(c, ownProjectOf(app, c))
    for (const { id } of deliveries.list(({ hook_id }) => hook_id === hook.id)) deliveries.delete(id)
    hooks.delete(hook.id)
    return c.body(null, 204)
  })

  api.get('/projects/:id/hooks/:hook_id/events', (c) => {
    const hook = hookOf(c, ownProjectOf(app, c))
    return paginate(
      c,
      deliveries.list(({ hook_id }) => hook_id === hook.id).reverse(),
      ({ hook_id: _, created_at: __, ...view }) => view,
    )
  })

  api.post('/projects/:id/hooks/:hook_id/events/:event_id/resend', async (c) => {
    const hook = hookOf(c, ownProjectOf(app, c))
    const event = deliveries.get(idOf(c, 'event_id'))
    if (!event || event.hook_id !== hook.id) throw notFound()
    const { response_status } = await webhooks.deliver(hook, event.trigger, event.request_data)
    return c.json({ response_status }, 201)
  })

  api.post('/projects/:id/hooks/:hook_id/test/:trigger', async (c) => {
    const project = ownProjectOf(app, c)
    const hook = hookOf(c, project)
    const trigger = oneOf({ trigger: c.req.param('trigger') }, 'trigger', EVENTS) as HookEvent
    const payload = await samplePayload(project, userOf(c), trigger)
    const delivery = await webhooks.deliver(hook, trigger, payload)
    if (!/^2/.test(delivery.response_status)) {
      throw new ApiError(
        422,
        delivery.response_body || `Hook executed successfully but returned HTTP ${delivery.response_status}`,
      )
    }
    return c.json({ message: '201 Created' }, 201)
  })

  async function samplePayload(
    project: Project,
    user: ReturnType<typeof userOf>,
    trigger: HookEvent,
  ): Promise<unknown> {
    const repository = repositoryOf(app, project)
    const missing = (what: string) => new ApiError(422, `Ensure the project has ${what}.`)
    if (trigger === 'push_events' || trigger === 'tag_push_events') {
      const kind = trigger === 'push_events' ? 'heads' : 'tags'
      const refs = await repository.refs(kind)
      const ref = refs.find(({ name }) => name === project.default_branch) ?? refs.at(-1)
      if (!ref) throw missing(kind === 'heads' ? 'at least one commit' : 'tags')
      const before = kind === 'heads' ? ((await repository.commit(ref.sha)).parents[0] ?? NO_COMMIT) : NO_COMMIT
      return pushPayload(app, project, user, { ref: `refs/${kind}/${ref.name}`, before, after: ref.sha })
    }
    const pipeline = pipelines.list(({ project_id }) => project_id === project.id).at(-1)
    const job = jobs.list(({ project_id }) => project_id === project.id).at(-1)
    if (trigger === 'pipeline_events' && pipeline) return pipelinePayload(app, project, user, pipeline)
    if (trigger === 'job_events' && job) return jobPayload(app, project, user, job)
    throw missing(trigger === 'job_events' ? 'CI jobs' : 'CI pipelines')
  }
}

type Settings = Omit<Hook, 'id' | 'project_id' | 'created_at'>

function settingsOf(params: Params, current: Settings): Settings {
  const url = text(params, 'url') ?? current.url
  if (!/^https?:\/\/[^\s/]+/.test(url) || !URL.canParse(url)) {
    throw new ApiError(422, 'Invalid url given', { body: { error: 'Invalid url given' } })
  }
  return {
    url,
    name: text(params, 'name') ?? current.name,
    description: text(params, 'description') ?? current.description,
    token: text(params, 'token') ?? current.token,
    enable_ssl_verification: flag(params, 'enable_ssl_verification') ?? current.enable_ssl_verification,
    push_events_branch_filter: text(params, 'push_events_branch_filter') ?? current.push_events_branch_filter,
    events: Object.fromEntries(
      EVENTS.map((event) => [event, flag(params, event) ?? current.events[event]]),
    ) as Settings['events'],
  }
}
