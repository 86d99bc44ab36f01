import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { messageOf } from '../../../core/errors.ts'
import { StartError } from './command.ts'
import { removeFolder } from './folder.ts'
import type { LocalImage } from './images.ts'
import { ContainerLog } from './logs.ts'
import type { PodNetwork } from './network.ts'

export type Mount = {
  /** In the container. */
  readonly path: string
  /** File or folder on this machine. */
  readonly source: string
  readonly readOnly: boolean
}

export type ContainerSpec = {
  readonly id: string
  readonly name: string
  readonly attempt: number
  readonly pod: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly ip: string
    readonly serviceAccount: string
  }
  readonly image: LocalImage
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly mounts: readonly Mount[]
}

/** What a container's main process is to the runtime, whatever it really is. */
export type Process = {
  /** The exit code; 128 + n after signal n. */
  readonly exited: Promise<number>
  signal(name: 'SIGTERM' | 'SIGKILL'): void
}

export type Connected =
  | { readonly host: string; readonly port: number }
  | { readonly error: 'ECONNREFUSED' | 'ENOTFOUND' }

/** What the machine offers to a container. */
export type Host = {
  /** Where containers have their folders. */
  readonly directory: string
  readonly network: PodNetwork
  readonly clock: Clock
  write(stream: 'stdout' | 'stderr', text: string): void
  /** Where a connection from a pod to a host and port has to go. */
  connect(podIp: string, host: string, port: number): Promise<Connected>
}

export type Launch = (host: Host, spec: ContainerSpec) => Promise<Process>

export type ContainerState = 'Created' | 'Running' | 'Exited'

/** One attempt at running a container: from its creation to its removal. */
export class Container {
  readonly log: ContainerLog
  readonly createdAt: number
  state: ContainerState = 'Created'
  startedAt: number | undefined
  finishedAt: number | undefined
  exitCode: number | undefined
  reason: string | undefined
  message: string | undefined
  private process: Process | undefined
  private ended: Promise<void> | undefined

  constructor(
    readonly spec: ContainerSpec,
    private readonly host: Omit<Host, 'write'>,
    private readonly launch: Launch,
    private readonly onExit: () => void,
  ) {
    this.log = new ContainerLog(host.clock)
    this.createdAt = host.clock.now()
  }

  /** @throws StartError when the command cannot be started; the container then counts as ended with code 128. */
  async start(): Promise<void> {
    const { host, spec, log } = this
    try {
      this.process = await this.launch({ ...host, write: (stream, text) => log.write(stream, text) }, spec)
    } catch (error) {
      this.finish(128, 'StartError', messageOf(error))
      throw error instanceof StartError ? error : new StartError(messageOf(error))
    }
    this.state = 'Running'
    this.startedAt = host.clock.now()
    this.ended = this.process.exited.then((code) => this.finish(code, code === 0 ? 'Completed' : 'Error'))
  }

  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    const { process, host } = this
    if (!process || this.state !== 'Running') return
    const enough = new AbortController()
    const timer = host.clock.setTimeout(() => {
      enough.abort()
      process.signal('SIGKILL')
    }, graceMs)
    if (graceMs > 0) {
      await host.network.untilIdle(this.spec.pod.ip, enough.signal)
      process.signal('SIGTERM')
    }
    await this.ended
    timer.cancel()
  }

  /** Removes the files of a container that has ended. */
  async remove(): Promise<void> {
    await removeFolder(join(this.host.directory, this.spec.id))
  }

  private finish(code: number, reason: string, message?: string): void {
    this.state = 'Exited'
    this.startedAt ??= this.host.clock.now()
    this.finishedAt = this.host.clock.now()
    Object.assign(this, { exitCode: code, reason, message })
    this.host.network.closeAll(this.spec.pod.ip, this.spec.id)
    this.log.close()
    this.onExit()
  }
}
