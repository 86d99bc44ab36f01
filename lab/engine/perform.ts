import type { Action } from './course.ts'
import type { Event } from './events.ts'
import { messageOf } from './lab-error.ts'
import { applyPatch } from './patch.ts'
import type { Environment } from './ports.ts'

export type Performed = Pick<Extract<Event, { kind: 'action-ended' }>, 'outcome' | 'code' | 'error'>

/** Does an action to its end. Never rejects: what could not be done is `failed`, with the reason. */
export async function perform(
  action: Action,
  environment: Pick<Environment, 'run' | 'write' | 'lab'>,
  signal: AbortSignal,
  onOutput: (chunk: string) => void,
): Promise<Performed> {
  try {
    switch (action.kind) {
      case 'run': {
        const { code } = await environment.run(action.script, { signal, onOutput })
        if (signal.aborted) return { outcome: 'cancelled', code }
        return { outcome: (code === 0) === (action.expect === 'success') ? 'ok' : 'failed', code }
      }
      case 'write':
        await environment.write(action.path, action.content)
        onOutput(`wrote ${action.path}\n`)
        return { outcome: 'ok', code: null }
      case 'edit': {
        const patched = applyPatch((await environment.lab.files.read(action.path)) ?? '', action.diff)
        if (patched.kind === 'conflict') {
          const error = `${action.path} does not hold the lines that the edit changes:\n${patched.expected}`
          return { outcome: 'failed', code: null, error }
        }
        if (patched.kind === 'changed') await environment.write(action.path, patched.content)
        onOutput(patched.kind === 'changed' ? `edited ${action.path}\n` : `${action.path} is so already\n`)
        return { outcome: 'ok', code: null }
      }
    }
  } catch (error) {
    if (signal.aborted) return { outcome: 'cancelled', code: null }
    return { outcome: 'failed', code: null, error: messageOf(error) }
  }
}
