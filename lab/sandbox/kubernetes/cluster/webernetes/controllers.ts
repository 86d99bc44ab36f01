import type { Cluster, ProcessContext } from '@ngrok/webernetes'
import { type EngineApi, engineClient } from './api.ts'

const IMAGES = ['webernetes/deployment-controller:latest', 'webernetes/replicaset-controller:latest']
const COMMANDS = ['deployment-controller', 'replicaset-controller']

/** Runs webernetes' Deployment and ReplicaSet controllers until the signal is aborted. */
export async function runWorkloadControllers(cluster: Cluster, api: EngineApi, signal: AbortSignal): Promise<void> {
  const client = engineClient(cluster.kubeConfig, api)
  const ended = new Promise<number>((resolve) => {
    if (signal.aborted) resolve(0)
    signal.addEventListener('abort', () => resolve(0), { once: true })
  })
  const context = {
    api: client,
    kubeConfig: cluster.kubeConfig,
    done: () => cluster.ctx.done(),
    err: () => cluster.ctx.err(),
    value: (key: unknown) => cluster.ctx.value(key),
    waitUntilKilled: () => ended,
  } as unknown as ProcessContext
  await Promise.all(
    IMAGES.map((image, at) => cluster.imageRegistry.create(image)?.exec(context, [COMMANDS[at] as string])),
  )
}
