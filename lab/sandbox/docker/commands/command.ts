import type { Invocation } from '../job.ts'
import type { Arguments, CommandSpec } from './arguments.ts'

/** A command of docker; `run` resolves with the exit code. */
export type Command = CommandSpec & { run(invocation: Invocation, given: Arguments): Promise<number> }
