import { type Platform, startBuiltIn } from './built-in.ts'
import { StartError } from './command.ts'
import type { ContainerSpec, Host, Launch, Process } from './container.ts'
import { startNodeProcess } from './node-process.ts'

/** Starts a container by the kind of its image. */
export const createLaunch =
  (platform: Platform): Launch =>
  (host, spec) => {
    const { image } = spec
    switch (image.kind) {
      case 'pause':
        return startPause(host, spec, image.simulated)
      case 'built-in':
        return startBuiltIn(host, spec, image.image, platform)
      case 'files':
        return startNodeProcess(host, spec, image.files)
    }
  }

/** Does nothing until it is stopped. What stands in for another image does nothing whatever its command is. */
async function startPause(host: Host, spec: ContainerSpec, simulated: boolean): Promise<Process> {
  const [program] = [...spec.command, ...spec.args]
  if (!simulated && program !== undefined && program !== '/pause') {
    throw new StartError(`exec: "${program}": executable file not found in $PATH`)
  }
  let end: (code: number) => void = () => {}
  const exited = new Promise<number>((resolve) => {
    end = resolve
  })
  return {
    exited,
    signal: (name) => {
      if (name === 'SIGTERM') host.write('stdout', 'Shutting down, got signal: Terminated\n')
      end(name === 'SIGTERM' ? 0 : 137)
    },
  }
}
