import type { IncomingMessage, ServerResponse } from 'node:http'
import { messageOf } from '../../core/errors.ts'
import { readBody } from '../../core/http.ts'
import { type ProgramContext, serveHealth, untilStopped } from '../../core/program.ts'
import { REPO_SERVER_PORT, RpcError } from './protocol.ts'
import { RepoService } from './service.ts'

/** argocd-repo-server: answers the controller and the API server; probes and metrics live on port 8084. */
export async function repoServer(context: ProgramContext): Promise<number> {
  const service = new RepoService(context)
  const methods: Record<string, (request: never) => Promise<unknown>> = {
    '/generate-manifest': (request) => service.generateManifest(request),
    '/resolve-revision': (request) => service.resolveRevision(request),
    '/revision-metadata': (request) => service.revisionMetadata(request),
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const method = methods[request.url ?? '']
    if (!method || request.method !== 'POST')
      return send(response, 404, { code: 'Unimplemented', message: 'unknown method' })
    try {
      send(response, 200, await method(JSON.parse((await readBody(request)).toString('utf8')) as never))
    } catch (error) {
      const code = error instanceof RpcError ? error.code : 'Internal'
      context.log(
        `level=error msg="finished call with code ${code}" method=${request.url} error=${JSON.stringify(messageOf(error))}`,
      )
      send(response, 500, { code, message: messageOf(error) })
    }
  }
  await context.listen(REPO_SERVER_PORT, (request, response) => void answer(request, response))
  await serveHealth(context, 8084)
  context.log(`level=info msg="argocd-repo-server is listening on [::]:${REPO_SERVER_PORT}"`)
  return untilStopped(context)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
