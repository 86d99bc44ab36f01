import { serve } from '../serve/serve.ts'
import { type Context, labDirOf, sameLab } from './context.ts'

/** `serve`: be the background process. */
export const serveCommand = (context: Context, simulateImages: readonly string[]): Promise<number> =>
  serve({
    stateDir: context.dir.path,
    labDir: labDirOf(context),
    course: context.course,
    version: context.version,
    program: sameLab(context),
    simulateImages,
    download: context.options.download,
    clock: context.clock,
    createEnvironment: context.createEnvironment,
    signal: context.ending(),
    log: (line) => context.out(`${new Date(context.clock.now()).toISOString()} ${line}\n`),
  })
