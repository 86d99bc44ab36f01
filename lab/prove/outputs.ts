import { outputsOf } from '../course/outputs.ts'
import type { Task } from '../engine/course.ts'
import type { LabClient } from '../engine/lab-client.ts'
import { differenceOf } from './shape.ts'

/** What commands printed, each the last time that it ran. */
export type Printed = { of(task: string, action: string): string | undefined; stop(): void }

/** Listens to the commands of a lab from now on. */
export function listen(lab: LabClient): Printed {
  const runs = new Map<number, string>()
  const texts = new Map<string, string>()
  const stop = lab.subscribe(({ event }) => {
    if (event.kind === 'action-started') {
      runs.set(event.run, `${event.task} ${event.action}`)
      texts.set(`${event.task} ${event.action}`, '')
    } else if (event.kind === 'output') {
      const key = runs.get(event.run)
      if (key !== undefined) texts.set(key, (texts.get(key) ?? '') + event.chunk)
    }
  })
  return { of: (task, action) => texts.get(`${task} ${action}`), stop }
}

/** Runs the commands with an output fence that did not run, since their task passed without. */
export async function runUnheard(lab: LabClient, key: string, task: Task, printed: Printed): Promise<void> {
  for (const { action } of outputsOf(task)) {
    if (printed.of(key, action) === undefined) await lab.dispatch({ kind: 'run', task: key, action })
  }
}

/** Output fences that are not what their commands printed, and commands that print a secret of the lab. */
export function outputProblems(key: string, task: Task, printed: Printed, secrets: Secrets): readonly string[] {
  const lies = outputsOf(task).flatMap(({ action, text, source }) => {
    const difference = differenceOf(text, printed.of(key, action) ?? '')
    if (!difference) return []
    const found = difference.found === undefined ? 'nothing' : `"${difference.found}"`
    return [
      `${source.file}:${source.line + 1 + difference.line}: expected "${difference.expected}", the command printed ${found}`,
    ]
  })
  const leaks = task.actions.flatMap(({ id, source }) => {
    const text = printed.of(key, id) ?? ''
    return Object.entries(secrets)
      .filter(([, value]) => text.includes(value))
      .map(([name]) => `${source.file}:${source.line}: the command prints the secret $${name}`)
  })
  return [...lies, ...leaks]
}

type Secrets = Readonly<Record<string, string>>

/** The variables of a lab that are secrets, by their names. */
export async function secretsOf(lab: LabClient): Promise<Secrets> {
  const env = await lab.ask('env')
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => /TOKEN|PASSWORD|SECRET/.test(name) && value.length >= 8),
  )
}
