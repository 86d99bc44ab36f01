import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { Outcome } from '../../engine/intents.ts'
import type { LabClient } from '../../engine/lab-client.ts'
import { type Edited, editFile } from './editor.ts'
import type { Command } from './messages.ts'
import type { Model } from './model.ts'
import { runInherited } from './terminal/inherit.ts'
import type { Screen } from './terminal/screen.ts'
import { renderDiff, unifiedDiff } from './text/diff.ts'

type Editing = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly screen: Pick<Screen, 'suspend'>
  readonly lab: LabClient
  readonly model: Model
}

/**
 * Has the learner make an edit in their editor, shows the difference in the log, and counts it as made; whether it is
 * the right one, the checks decide.
 */
export async function edit(
  { task, action, path }: Extract<Command, { kind: 'edit' }>,
  { env, screen, lab, model }: Editing,
): Promise<Outcome> {
  const file = join(model.place.labDir, path)
  await mkdir(dirname(file), { recursive: true })
  const edited = await editFile(file, {
    env,
    has: (program) => (env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program))),
    read: (name) => readFile(name, 'utf8').catch((error) => absent(error)),
    suspend: (work) => screen.suspend(work),
    run: (command, args) => runInherited(command, args, { env }),
  })
  if (edited.kind !== 'edited') return { ok: false, why: explained(edited) }
  const { log, theme, size } = model
  log.begin(undefined, theme.paint('accent', `edited ${path} by hand`))
  log.end(undefined, renderDiff(unifiedDiff(edited.before, edited.after, path), { width: size.columns - 2, theme }))
  return lab.dispatch({ kind: 'made', task, action })
}

const absent = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'ENOENT') return ''
  throw error
}

const explained = ({ expected, found, next }: Exclude<Edited, { kind: 'edited' }>): string =>
  `expected ${expected}; found ${found}. ${next}`
