import { getRequestListener } from '@hono/node-server'
import { messageOf } from '../../core/errors.ts'
import { type ProgramContext, serveHealth, untilStopped } from '../../core/program.ts'
import { AppEvents } from '../controller/events.ts'
import { SharedCache } from '../redis.ts'
import { createRepoClient } from '../repo-server/client.ts'
import { Accounts } from './accounts.ts'
import { createServer } from './app.ts'
import type { Environment } from './environment.ts'

/** argocd-server: the API of Argo CD on port 8080, over plain HTTP (the real one serves TLS with a certificate of its own). */
export async function server(context: ProgramContext): Promise<number> {
  const { kube, clock, names, pod, signal } = context
  const accounts = new Accounts(context)
  await accounts.prepare()
  const environment: Environment = {
    kube,
    clock,
    signal,
    namespace: pod.namespace,
    repo: createRepoClient(names, pod.namespace),
    shared: new SharedCache(context),
    events: new AppEvents(kube, clock, 'argocd-server', (error) =>
      context.log(`level=error msg="event not written" error=${JSON.stringify(messageOf(error))}`),
    ),
  }
  const listener = getRequestListener(createServer(environment, accounts).fetch, { overrideGlobalObjects: false })
  await context.listen(8080, (request, response) => void listener(request, response))
  await serveHealth(context, 8083)
  context.log('level=info msg="argocd v3.5.1 serving on port 8080 (plain HTTP in the sandbox)"')
  return untilStopped(context)
}
