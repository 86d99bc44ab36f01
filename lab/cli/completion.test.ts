import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SHELLS, type Shell } from './command-line.ts'
import { completionScript } from './completion.ts'
import { manualPage } from './manual.ts'
import { commandTree } from './tree.ts'

const tree = commandTree('1.2.3')
const missing = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gl-completion-'))
  for (const shell of SHELLS) writeFileSync(join(folder, shell), completionScript(shell, tree))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What a shell offers for the last of the words. */
function offered(shell: Shell, words: readonly string[]): string[] {
  const script = join(folder, shell)
  const ask: Record<Shell, string> = {
    bash: `source ${script}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_gitops_lab; printf '%s\\n' "\${COMPREPLY[@]}"`,
    zsh: `compdef() { :; }; _describe() { print -rl -- \${(P)2} }; _files() { :; }; source ${script}
words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _gitops_lab`,
    fish: `source ${script}; complete -C "${words.join(' ')}"`,
  }
  const out = execFileSync(shell, shell === 'fish' ? ['--no-config', '-c', ask.fish] : ['-c', ask[shell]], {
    encoding: 'utf8',
  })
  return out
    .split('\n')
    .map((line) => line.split(/[:\t]/)[0] as string)
    .filter(Boolean)
}

describe.each(SHELLS)('completion for %s', (shell) => {
  const name = missing(shell) ? `(skipped: no ${shell} here)` : 'offers commands and flags'
  it.skipIf(missing(shell))(name, () => {
    expect(offered(shell, ['gitops-lab', ''])).toEqual(expect.arrayContaining(['run', 'check', 'sandbox']))
    expect(offered(shell, ['gitops-lab', ''])).not.toContain('serve')
    expect(offered(shell, ['gitops-lab', 'sandbox', ''])).toEqual(expect.arrayContaining(['up', 'down', 'logs']))
    expect(offered(shell, ['gitops-lab', 'run', '--'])).toEqual(expect.arrayContaining(['--until', '--json']))
    expect(offered(shell, ['gitops-lab', 'completion', ''])).toEqual(expect.arrayContaining([...SHELLS]))
  })
})

it('every command has a description and an example', () => {
  const leaves = (node: typeof tree): (typeof tree)[] =>
    node.children.length === 0 ? [node] : node.children.flatMap(leaves)
  const poor = leaves(tree).filter(({ description, examples }) => description === '' || examples.length === 0)
  expect(poor.map(({ name }) => name)).toEqual([])
})

it('the manual tells of every command and every exit code, without a warning of groff', () => {
  const page = manualPage(tree, '1.2.3', '2026-01-01')
  for (const words of ['.SS run', '.SS sandbox logs', '.B 64', '.B 69']) expect(page).toContain(words)
  if (missing('groff')) return
  const { stderr, status } = spawnSync('groff', ['-man', '-ww', '-Tutf8'], { input: page, encoding: 'utf8' })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
})
