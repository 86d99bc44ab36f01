import type { Duplex } from 'node:stream'
import { messageOf } from '../../../core/errors.ts'
import type { Connection } from '../../types.ts'
import { execInContainer } from '../runtime/exec.ts'
import { openChannels } from './channels.ts'
import type { StreamContext } from './context.ts'
import { badRequest, containerName, runningContainer } from './find.ts'

/** How a command ended, as the client's exit code needs it. */
export function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

const failure = (message: string): object => ({
  metadata: {},
  status: 'Failure',
  message: `Internal error occurred: ${message}`,
  reason: 'InternalError',
  details: { causes: [{ message }] },
  code: 500,
})

/** Runs a command in a container for the client. */
export async function exec(
  context: StreamContext,
  connection: Connection,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { resource, namespace, name, query } = connection
  const pod = context.objects.registry.get(resource, namespace, name)
  const container = runningContainer(context, pod, containerName(pod, query.get('container')))
  const command = query.getAll('command')
  if (command.length === 0) throw badRequest('you must specify at least 1 command')
  const channels = await openChannels(connection, socket, head)
  // A terminal needs carriage returns, which a program gets from its tty; the ones here have none.
  const tty = query.get('tty') === 'true'
  const write = (stream: 'stdout' | 'stderr', text: string) =>
    channels.write(tty ? 'stdout' : stream, tty ? text.replace(/\r?\n/g, '\r\n') : text)
  try {
    const stdin = query.get('stdin') === 'true' ? channels.stdin : undefined
    const io = { write, stdin, tty, signal: channels.signal }
    channels.finish(exitStatus(await execInContainer({ ...context.host, write }, container, command, io)))
  } catch (error) {
    const text = `failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ${messageOf(error)}`
    channels.finish(failure(`error executing command in container: ${text}`))
  }
}

/** Shows the client what a running container says from now on, until it ends. */
export async function attach(
  context: StreamContext,
  connection: Connection,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { resource, namespace, name, query } = connection
  const pod = context.objects.registry.get(resource, namespace, name)
  const container = runningContainer(context, pod, containerName(pod, query.get('container')))
  const channels = await openChannels(connection, socket, head)
  const unfollow = container.log.follow(
    ({ stream, text }) => channels.write(stream, `${text}\n`),
    () => channels.finish(exitStatus(container.exitCode ?? 0)),
  )
  channels.signal.addEventListener('abort', unfollow, { once: true })
}
