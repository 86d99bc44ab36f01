import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type EditorPorts, editFile, findEditor } from './editor.ts'

const folder = mkdtempSync(join(tmpdir(), 'gl-editor-'))
const file = join(folder, 'a file.yaml')
beforeEach(() => writeFileSync(file, 'replicas: 1\n'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the editor for real, without a terminal; `steps` tells the order of what happened. */
function ports(env: Record<string, string>, installed: readonly string[] = []) {
  const steps: string[] = []
  const value: EditorPorts = {
    env,
    has: (program) => installed.includes(program),
    read: async (path) => readFileSync(path, 'utf8'),
    async suspend(work) {
      steps.push('leave')
      try {
        return await work()
      } finally {
        steps.push('return')
      }
    },
    async run(command, args) {
      steps.push('run')
      const { status, signal, error } = spawnSync(command, args, { stdio: 'ignore', cwd: folder })
      if (error) throw error
      return { code: status, signal }
    },
  }
  return { ...value, steps }
}

const edit = (env: Record<string, string>) => editFile(file, ports(env))

describe('editor', () => {
  it.each([
    [{ VISUAL: 'code --wait', EDITOR: 'vi' }, ['nano'], 'code --wait'],
    [{ VISUAL: ' ', EDITOR: 'vi' }, ['nano'], 'vi'],
    [{}, ['vi', 'nano'], 'nano'],
    [{}, ['vi', 'vim'], 'vim'],
    [{}, [], undefined],
  ])('of %j with %j is %s', (env, installed, expected) => {
    expect(findEditor({ env, has: (program) => (installed as string[]).includes(program) })).toBe(expected)
  })

  it('runs while the terminal is left, with its own arguments and a path with a space', async () => {
    const all = ports({ EDITOR: `sed -i.old -e 's/1/2/'` })
    expect(await editFile(file, all)).toEqual({ kind: 'edited', before: 'replicas: 1\n', after: 'replicas: 2\n' })
    expect(all.steps).toEqual(['leave', 'run', 'return'])
  })

  it('tells that nothing was changed', async () => {
    expect(await edit({ EDITOR: 'true' })).toMatchObject({ kind: 'unchanged', found: 'the file as it was' })
  })

  it('tells that it failed, by its exit code or the signal that ended it', async () => {
    expect(await edit({ EDITOR: 'false' })).toMatchObject({ kind: 'failed', found: 'exit 1' })
    expect(await edit({ EDITOR: 'kill -9 $$; :' })).toMatchObject({ kind: 'failed', found: 'ended by SIGKILL' })
  })

  it('tells that the editor is missing, with what else can be done', async () => {
    const missing = await edit({ EDITOR: 'no-such-editor -n' })
    expect(missing).toMatchObject({ kind: 'missing', expected: expect.stringContaining('`no-such-editor -n`') })
    expect(missing).toHaveProperty('next', expect.stringContaining(`edit ${file} elsewhere`))
  })

  it('tells that there is none, without leaving the terminal', async () => {
    const all = ports({})
    expect(await editFile(file, all)).toMatchObject({ kind: 'missing', found: 'none' })
    expect(all.steps).toEqual([])
  })

  it('comes back when the program could not be started at all', async () => {
    const all = ports({ EDITOR: 'vi' })
    const broken = { ...all, run: () => Promise.reject(new Error('spawn sh EAGAIN')) }
    expect(await editFile(file, broken)).toMatchObject({ kind: 'failed', found: 'spawn sh EAGAIN' })
    expect(all.steps).toEqual(['leave', 'return'])
  })
})
