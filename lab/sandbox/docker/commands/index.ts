import { DockerError, type Invocation } from '../job.ts'
import { parseArguments } from './arguments.ts'
import { build, buildxBuild } from './build.ts'
import type { Command } from './command.ts'
import { images, inspect, remove, tag } from './images.ts'
import { login, logout } from './login.ts'
import { pull, push } from './transfer.ts'

/** Scripts look for a version that they know; the suffix says whose program this is. */
export const VERSION = '28.2.2+gitops-lab'

const information = (name: string, text: (invocation: Invocation) => string): Command => ({
  name,
  usage: '[OPTIONS]',
  flags: { format: { type: 'string', short: 'f', unsupported: 'read the text' } },
  min: 0,
  max: 0,
  async run(invocation) {
    invocation.out(text(invocation))
    return 0
  },
})

const COMMANDS: Readonly<Record<string, Command>> = {
  login,
  logout,
  build,
  'buildx build': buildxBuild,
  'builder build': build,
  'image build': build,
  tag,
  'image tag': tag,
  push,
  'image push': push,
  pull,
  'image pull': pull,
  images,
  'image ls': images,
  'image list': images,
  'image inspect': inspect,
  inspect,
  rmi: remove,
  'image rm': remove,
  'image remove': remove,
  version: information(
    'docker version',
    ({ job }) =>
      `Client:\n Version:    ${VERSION}\n\nServer: gitops-lab's builder for CI jobs\n Engine:\n  Version:   ${VERSION}\n  OS/Arch:   linux/amd64\n Node:       ${job.nodeVersion}\n`,
  ),
  info: information(
    'docker info',
    ({ job }) =>
      `Client:\n Version:    ${VERSION}\n\nServer:\n Containers: 0\n Images: ${job.images.entries().length}\n Server Version: ${VERSION}\n Storage Driver: memory, for as long as the job runs\n Builds from: node, scratch, registry.lab.test\n Insecure Registries:\n  registry.lab.test\n`,
  ),
  'buildx version': information('docker buildx version', () => `github.com/docker/buildx ${VERSION}\n`),
}

/** Groups, whose second word is the command. */
const GROUPS = new Set(['image', 'buildx', 'builder'])
/** What the real docker has beyond: refused by name, so that nobody looks for a typing error. */
const REAL = new Set(
  'attach commit compose config container context cp create diff events exec export history import kill load logs manifest network node pause plugin port ps rename restart rm run save search secret service stack start stats stop swarm system top trust unpause update volume wait'.split(
    ' ',
  ),
)

/** Runs one `docker …` and resolves with its exit code. Failures are told on standard error in docker's words. */
export async function runDocker(invocation: Invocation): Promise<number> {
  try {
    return await dispatch(invocation)
  } catch (error) {
    if (invocation.signal.aborted) return 130
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof DockerError ? error.exitCode : 1
    if (code === 0) invocation.out(`${message}\n`)
    else invocation.err(`${message}\n`)
    return code
  }
}

async function dispatch(invocation: Invocation): Promise<number> {
  const [first = '', second = ''] = invocation.argv
  if (first === '--version' || first === '-v') {
    invocation.out(`Docker version ${VERSION}\n`)
    return 0
  }
  if (['', 'help', '--help', '-h'].includes(first)) {
    const list = Object.keys(COMMANDS).filter((name) => !name.includes(' '))
    invocation.out(
      `Usage:  docker [OPTIONS] COMMAND\n\nWhat this sandbox has of docker:\n  ${[...list, 'image …', 'buildx build'].join(', ')}\n`,
    )
    return 0
  }
  if (first.startsWith('-')) throw new DockerError(`not supported in this sandbox: the global option ${first}`)
  const words = GROUPS.has(first) ? 2 : 1
  const name = invocation.argv.slice(0, words).join(' ')
  const command = COMMANDS[name]
  if (!command) {
    if (
      REAL.has(first) ||
      (first === 'image' && ['history', 'import', 'load', 'prune', 'save'].includes(second)) ||
      (words === 2 && first !== 'image')
    ) {
      throw new DockerError(
        `not supported in this sandbox: docker ${name} (there are no containers here: build and push images, and let the cluster run them)`,
      )
    }
    throw new DockerError(
      `docker: unknown command: docker ${name}\n\nRun 'docker${words === 2 ? ` ${first}` : ''} --help' for more information`,
    )
  }
  return command.run(invocation, parseArguments(command, invocation.argv.slice(words)))
}
