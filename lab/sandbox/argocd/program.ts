import type { ProgramContext } from '../core/program.ts'

/** Resolves with exit code 0 when the kubelet stops the container. */
export const untilStopped = ({ signal }: ProgramContext): Promise<number> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(0)
    signal.addEventListener('abort', () => resolve(0), { once: true })
  })

/** Answers the probes of a component that serves nothing else on this port. */
export const serveHealth = (context: ProgramContext, port: number): Promise<void> =>
  context.listen(port, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const known = /^\/(healthz(\/live|\/ready)?|readyz|livez)$/.test(path)
    response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain' }).end(known ? 'ok' : '404 page not found\n')
  })
