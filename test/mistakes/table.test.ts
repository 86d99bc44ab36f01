import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SHELL_FINDINGS } from '../../lab/commands/shell-findings.ts'
import { type Row, rowOfVerdict } from '../../lab/engine/report.ts'
import { verdictOf } from '../../lab/engine/verdict.ts'
import { CAUSES } from '../../steps/lib/causes.ts'
import { ARGOCD_MISTAKES, WITHOUT_ARGOCD } from './argocd.ts'
import { FLUX_MISTAKES } from './flux.ts'
import { GITLAB_MISTAKES } from './gitlab.ts'
import { UPDATER_MISTAKES } from './updater.ts'

const docs = resolve(import.meta.dirname, '..', '..', 'docs')
const text = (name: string) => readFileSync(join(docs, name), 'utf8')
const cells = (markdown: string) =>
  markdown
    .split('\n')
    .filter((line) => /^\| .* \| `[a-z-]+` \|$/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))

describe('docs/mistakes.md', () => {
  const [world = '', shell = ''] = text('mistakes.md').split('## In the shell')

  it('has each cause with its text, in the order of the code', () => {
    const told = cells(world).map(([, says, , id]) => [id, says])
    expect(told).toEqual(Object.entries(CAUSES).map(([id, says]) => [`\`${id}\``, says]))
  })

  it('says of each whether a test makes it', () => {
    const made = new Set(
      [GITLAB_MISTAKES, FLUX_MISTAKES, WITHOUT_ARGOCD, ARGOCD_MISTAKES, UPDATER_MISTAKES]
        .flat()
        .map(({ cause }) => cause),
    )
    const told = cells(world).flatMap(([, , how, id]) => (how === 'made and repaired' ? [id?.replaceAll('`', '')] : []))
    expect(told.sort()).toEqual([...made].sort())
  })

  it('has each finding of the shell', () => {
    expect(cells(shell).map(([, , id]) => id?.replaceAll('`', ''))).toEqual(SHELL_FINDINGS)
  })
})

describe('docs/verdicts.md', () => {
  it('shows rows of the real shape, with every field that it documents', () => {
    const sample = /```json\n([\s\S]*?)```/.exec(text('verdicts.md'))?.[1] ?? ''
    const rows = JSON.parse(sample) as Row[]
    for (const { step, task, check, verdict, until, ...fields } of rows) {
      const milliseconds = until === undefined ? {} : { until: Date.parse(until) }
      const said = verdictOf({ kind: verdict, ...fields, ...milliseconds })
      expect(said).toBeDefined()
      const real = said && { step, task, check, ...rowOfVerdict(said, undefined) }
      expect(JSON.parse(JSON.stringify(real))).toEqual({
        step,
        task,
        check,
        verdict,
        ...fields,
        ...(until && { until }),
      })
    }
    const fieldTable = text('verdicts.md').split('| field | type |')[1] ?? ''
    const documented = [...fieldTable.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| .* \| .* \|$/gm)]
      .flatMap(([, names]) => names?.split(', ') ?? [])
      .map((name) => name.replaceAll('`', ''))
    expect(new Set(rows.flatMap(Object.keys))).toEqual(new Set(documented))
  })
})
