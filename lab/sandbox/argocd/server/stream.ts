import { Hono } from 'hono'
import { APPLICATIONS, type Application } from '../application.ts'
import type { ResourceNode } from '../controller/tree.ts'
import type { Environment } from './environment.ts'
import { present } from './present.ts'

/** Answers that go on: server-sent events for who asks for them, JSON lines for others. */
export function streamRoutes(environment: Environment): Hono {
  const { kube, namespace, shared, signal } = environment
  const routes = new Hono()

  const stream = (
    accept: string | undefined,
    client: AbortSignal,
    name: string | undefined,
    select: (app: Application, type: string) => Promise<unknown>,
  ) => {
    const events = accept?.includes('text/event-stream') ?? false
    const stop = AbortSignal.any([signal, client])
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        stop.addEventListener('abort', () => closeQuietly(controller), { once: true })
        let queue = Promise.resolve()
        const send = (app: Application, type: string) => {
          if (name !== undefined && app.metadata.name !== name) return
          queue = queue.then(async () => {
            const text = JSON.stringify({ result: await select(app, type) })
            if (!stop.aborted) controller.enqueue(encoder.encode(events ? `data: ${text}\n\n` : `${text}\n`))
          })
        }
        kube.watch(
          APPLICATIONS,
          { namespace },
          {
            onSync: (objects) => {
              for (const object of objects) send(object as Application, 'ADDED')
            },
            onEvent: ({ type, object }) => send(object as Application, type),
          },
          stop,
        )
      },
    })
    const type = events ? 'text/event-stream' : 'application/json'
    return new Response(body, { headers: { 'content-type': type, 'cache-control': 'no-cache' } })
  }

  const nodesOf = async (app: Application) =>
    (await shared.get<{ nodes: ResourceNode[] }>(`app|resources-tree|${app.metadata.name}`))?.nodes ?? []

  routes.get('/applications', (c) =>
    stream(c.req.header('accept'), c.req.raw.signal, c.req.query('name'), async (app, type) => ({
      type,
      application: present(app, await nodesOf(app)),
    })),
  )

  routes.get('/applications/:name/resource-tree', (c) =>
    stream(c.req.header('accept'), c.req.raw.signal, c.req.param('name'), async (app) => ({
      nodes: await nodesOf(app),
    })),
  )

  return routes
}

function closeQuietly(controller: ReadableStreamDefaultController): void {
  try {
    controller.close()
  } catch {
    // The client has gone already.
  }
}
