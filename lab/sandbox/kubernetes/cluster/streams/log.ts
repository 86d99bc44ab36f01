import type { ServerResponse } from 'node:http'
import type { Connection, KubeObject } from '../../types.ts'
import type { Container } from '../runtime/container.ts'
import type { LogLine } from '../runtime/logs.ts'
import type { StreamContext } from './context.ts'
import { attemptsOf, badRequest, containerName } from './find.ts'

type LogOptions = {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tailLines: number | undefined
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly limitBytes: number
}

/** Answers `pods/log`: what a container said so far, and with `follow` what it says until it ends. */
export async function serveLog(
  context: StreamContext,
  connection: Connection,
  response: ServerResponse,
): Promise<void> {
  const { resource, namespace, name, query } = connection
  const pod = context.objects.registry.get(resource, namespace, name)
  const options = readOptions(query, context.host.clock.now())
  const container = chooseContainer(context, pod, query)
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  let left = options.limitBytes
  const write = (line: LogLine) => {
    const text = formatLine(line, options.timestamps).slice(0, left)
    left -= text.length
    response.write(text)
    if (left <= 0) finish()
  }
  let unfollow = () => {}
  const finish = () => {
    unfollow()
    response.end()
  }
  for (const line of select(container.log.all(), options)) if (left > 0) write(line)
  if (!options.follow || left <= 0) return finish()
  response.on('close', () => unfollow())
  unfollow = container.log.follow(write, finish)
}

function readOptions(query: URLSearchParams, now: number): LogOptions {
  const number = (name: string, least: number) => {
    const text = query.get(name)
    if (text === null) return undefined
    const value = Number(text)
    if (Number.isInteger(value) && value >= least) return value
    throw badRequest(
      `PodLogOptions "" is invalid: ${name}: Invalid value: ${text}: must be greater than or equal to ${least}`,
    )
  }
  const seconds = number('sinceSeconds', 1)
  const time = query.get('sinceTime')
  return {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    tailLines: number('tailLines', 0),
    since: seconds !== undefined ? now - seconds * 1000 : time ? Date.parse(time) : 0,
    limitBytes: number('limitBytes', 1) ?? Number.POSITIVE_INFINITY,
  }
}

function select(lines: readonly LogLine[], { since, tailLines }: LogOptions): readonly LogLine[] {
  const recent = since > 0 ? lines.filter(({ time }) => time >= since) : lines
  return tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines))
}

/** `2026-01-01T00:00:00.123000000Z text` */
export function formatLine({ time, text }: LogLine, timestamps: boolean): string {
  return timestamps ? `${new Date(time).toISOString().replace('Z', '000000Z')} ${text}\n` : `${text}\n`
}

type Status = { readonly name: string; readonly state?: { readonly waiting?: { readonly reason?: string } } }

function chooseContainer(context: StreamContext, pod: KubeObject, query: URLSearchParams): Container {
  const name = containerName(pod, query.get('container'))
  const [latest, previous] = attemptsOf(context, pod, name)
  const { name: podName } = pod.metadata
  if (query.get('previous') === 'true') {
    if (previous) return previous
    // While the next attempt waits for its time, the one that ended last is both the latest and the previous.
    const statuses = (pod['status']?.containerStatuses ?? []) as (Status & { lastState?: { terminated?: object } })[]
    if (latest && statuses.find((status) => status.name === name)?.lastState?.terminated) return latest
    throw badRequest(`previous terminated container "${name}" in pod "${podName}" not found`)
  }
  if (latest) return latest
  const statuses = [...(pod['status']?.containerStatuses ?? []), ...(pod['status']?.initContainerStatuses ?? [])]
  const reason = (statuses as Status[]).find((status) => status.name === name)?.state?.waiting?.reason
  if (!pod['spec'].nodeName) throw badRequest(`pod ${podName} does not have a host assigned`)
  const why = reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason
  throw badRequest(`container "${name}" in pod "${podName}" is waiting to start: ${why ?? 'ContainerCreating'}`)
}
