import type { Intent } from '../engine/intents.ts'
import { LabError } from '../engine/lab-error.ts'
import { attach, type Context, printJson } from './context.ts'

/** `snapshot NAME` and `restore NAME`. */
export async function snapshotOrRestore(context: Context, intent: Extract<Intent, { name: string }>): Promise<number> {
  const lab = await attach(context)
  try {
    const outcome = await lab.dispatch(intent)
    if (!outcome.ok) throw new LabError({ found: outcome.why })
    context.out(intent.kind === 'snapshot' ? `snapshot ${intent.name} taken\n` : `snapshot ${intent.name} put back\n`)
    return 0
  } finally {
    lab.detach()
  }
}

/** `snapshots`: name and time of each, the newest first. */
export async function snapshots(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const lab = await attach(context)
  try {
    const list = [...(await lab.ask('snapshots'))]
      .sort((a, b) => b.takenAt - a.takenAt)
      .map(({ name, takenAt }) => ({ name, takenAt: new Date(takenAt).toISOString() }))
    if (json) printJson(context, list)
    else if (list.length === 0) context.out('There is no snapshot: `gitops-lab snapshot NAME` takes one.\n')
    else for (const { name, takenAt } of list) context.out(`${takenAt}  ${name}\n`)
    return 0
  } finally {
    lab.detach()
  }
}
