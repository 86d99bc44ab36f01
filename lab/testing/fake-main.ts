import { runProgram } from '../commands/program.ts'
import { systemClock } from '../sandbox/core/clock.ts'
import { diskEnvironment } from './disk-environment.ts'

// The whole program with a world on disk. Arguments: the folder of the course, then those of the program.
const [course = '', ...args] = process.argv.slice(2)
process.exitCode = await runProgram(args, {
  version: '1.2.3',
  course,
  packageDir: course,
  template: course,
  program: [process.execPath, process.argv[1] as string, course],
  clock: systemClock(),
  createEnvironment: diskEnvironment,
  ending: () => {
    const ending = new AbortController()
    process.once('SIGTERM', () => ending.abort(new Error('SIGTERM')))
    return ending.signal
  },
})
