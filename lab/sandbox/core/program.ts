import type { RequestListener } from 'node:http'
import type { Clock } from './clock.ts'
import type { KubeClient } from './kube-client.ts'
import type { Names } from './names.ts'

/** What a program that is built into an image sees of its container. */
export type ProgramContext = {
  readonly argv: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly pod: { readonly name: string; readonly namespace: string; readonly uid: string }
  /** Aborted when the kubelet stops the container. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** The cluster's API, with the rights of the pod's service account. */
  readonly kube: KubeClient
  /** Host names as seen from inside the cluster: Services, `registry.lab.test`, the GitLab host. */
  readonly names: Names
  /** A kubectl binary, for what the real program does with one (Argo CD and kustomize-controller: kustomize). */
  readonly kubectl: string
  /** An empty folder of the container's own, removed when it ends. */
  readonly scratch: string
  /** One line on standard output, as `kubectl logs` shows it. */
  log(line: string): void
  /** Serves HTTP on a container port until the container ends; probes, Services and port-forward reach it. */
  listen(port: number, listener: RequestListener): Promise<void>
  /** The content of a file of a mounted ConfigMap or Secret, as it is now; undefined if there is none. */
  readFile(path: string): string | undefined
}

/** The main process of a container. Resolves with its exit code; a rejection is exit code 1 with the error logged. */
export type Program = (context: ProgramContext) => Promise<number>

/** An image whose programs are built in: repository without tag, and programs by the first word of the command. */
export type BuiltInImage = {
  readonly repository: string
  /** The command that runs when the container names none. */
  readonly entrypoint: readonly string[]
  readonly programs: Readonly<Record<string, Program>>
}

/** Resolves with exit code 0 when the kubelet stops the container. */
export const untilStopped = ({ signal }: Pick<ProgramContext, 'signal'>): Promise<number> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(0)
    signal.addEventListener('abort', () => resolve(0), { once: true })
  })

/** Answers the probes of a component that serves nothing else on this port. */
export const serveHealth = (context: Pick<ProgramContext, 'listen'>, port: number): Promise<void> =>
  context.listen(port, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const known = /^\/(healthz(\/live|\/ready)?|readyz|livez)$/.test(path)
    response.writeHead(known ? 200 : 404, { 'content-type': 'text/plain' }).end(known ? 'ok' : '404 page not found\n')
  })
