import { writeSync } from 'node:fs'
import { serve } from '../serve/serve.ts'
import { type Context, labDirOf, sameLab } from './context.ts'

/**
 * `serve`: be the background process. An error that nobody caught is logged; one that was thrown, and not only
 * rejected, ends the process in order, since nobody knows what it left half done.
 */
export async function serveCommand(context: Context, simulateImages: readonly string[]): Promise<number> {
  const log = (line: string) => {
    try {
      writeSync(process.stdout.fd, `${new Date(context.clock.now()).toISOString()} ${line}\n`)
    } catch {
      // A disk that is full takes no log; the lab goes on.
    }
  }
  const crash = new AbortController()
  process.on('unhandledRejection', (error) => log(`nobody caught ${stackOf(error)}`))
  process.on('uncaughtException', (error) => {
    log(`nobody caught ${stackOf(error)}`)
    crash.abort(new Error('an error that nobody caught'))
  })
  return serve({
    stateDir: context.dir.path,
    labDir: labDirOf(context),
    course: context.course,
    version: context.version,
    program: sameLab(context),
    simulateImages,
    download: context.options.download,
    clock: context.clock,
    createEnvironment: context.createEnvironment,
    signal: AbortSignal.any([context.ending(), crash.signal]),
    log,
  })
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
