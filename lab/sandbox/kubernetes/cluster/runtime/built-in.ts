import { mkdirSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { join } from 'node:path'
import { messageOf } from '../../../core/errors.ts'
import { closeServer, listenOnLoopback } from '../../../core/http.ts'
import type { KubeClient } from '../../../core/kube-client.ts'
import type { Names } from '../../../core/names.ts'
import type { BuiltInImage } from '../../../core/program.ts'
import { StartError } from './command.ts'
import type { ContainerSpec, Host, Process } from './container.ts'
import { removeFolder } from './folder.ts'

/** What programs that are built into images get from the cluster. */
export type Platform = {
  readonly kubectl: string
  readonly names: Names
  clientFor(namespace: string, serviceAccount: string): KubeClient
}

/** The image's command, or the pod's own; the first word says which program it is, with or without a path. */
function programOf(image: BuiltInImage, spec: ContainerSpec) {
  const command = spec.command.length > 0 ? spec.command : image.entrypoint
  const argv = [...command, ...spec.args]
  const [word = ''] = argv
  const program = image.programs[word] ?? image.programs[word.slice(word.lastIndexOf('/') + 1)]
  if (program) return { argv, program }
  throw new StartError(`exec: "${word}": executable file not found in $PATH`)
}

/** Runs a program of this process as a container. @throws StartError when the image has no such program */
export async function startBuiltIn(
  host: Host,
  spec: ContainerSpec,
  image: BuiltInImage,
  platform: Platform,
): Promise<Process> {
  const { argv, program } = programOf(image, spec)
  const { name, namespace, uid, ip, serviceAccount } = spec.pod
  const scratch = join(host.directory, spec.id, 'scratch')
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  const stopping = new AbortController()
  const servers: Server[] = []
  let kill: (code: number) => void = () => {}
  const killed = new Promise<number>((resolve) => {
    kill = resolve
  })
  const listen = async (port: number, listener: RequestListener) => {
    const server = createServer(listener)
    servers.push(server)
    host.network.listen(ip, port, { real: await listenOnLoopback(server), local: false, container: spec.id })
  }
  const work = (async () =>
    program({
      argv,
      env: new Map(Object.entries(spec.env)),
      pod: { name, namespace, uid },
      signal: stopping.signal,
      clock: host.clock,
      kube: platform.clientFor(namespace, serviceAccount),
      names: platform.names,
      kubectl: platform.kubectl,
      scratch,
      log: (line) => host.write('stdout', `${line}\n`),
      listen,
      readFile: (path) => readMounted(spec, path),
    }))().catch((error: unknown) => {
    if (stopping.signal.aborted) return 0
    host.write('stderr', `${messageOf(error)}\n`)
    return 1
  })
  const exited = Promise.race([work, killed]).then(async (code) => {
    stopping.abort()
    await Promise.all(servers.map(closeServer))
    await removeFolder(join(host.directory, spec.id))
    return code
  })
  return {
    exited,
    signal: (name) => {
      stopping.abort()
      if (name === 'SIGKILL') kill(137)
    },
  }
}

/** The content of a file of a mounted volume, as it is now. */
export function readMounted(spec: ContainerSpec, path: string): string | undefined {
  const [mount] = spec.mounts
    .filter((candidate) => path === candidate.path || path.startsWith(`${candidate.path.replace(/\/$/, '')}/`))
    .sort((a, b) => b.path.length - a.path.length)
  if (!mount) return undefined
  try {
    return readFileSync(join(mount.source, path.slice(mount.path.length)), 'utf8')
  } catch {
    return undefined
  }
}
