import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

type Row = { readonly path: string; readonly sentence: string }

const visible = (folder: string) =>
  readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))

const filesIn = (folder: string): string[] =>
  visible(folder)
    .filter((entry) => entry.isFile() && (folder === 'test' || !/\.test\.tsx?$/.test(entry.name)))
    .map(({ name }) => join(folder, name))

const foldersIn = (folder: string): string[] =>
  visible(folder)
    .filter((entry) => entry.isDirectory() && !isEmpty(join(folder, entry.name)))
    .map(({ name }) => join(folder, name))

/** Git knows no folder without files. */
const isEmpty = (folder: string): boolean => filesIn(folder).length === 0 && foldersIn(folder).length === 0

const below = (folder: string): string[] => foldersIn(folder).flatMap((path) => [path, ...below(path)])

const rooms = foldersIn('lab/sandbox')

/** Folders with a table of their own: a row for each file, and for each folder that has no table itself. */
const tables = [
  'lab',
  ...foldersIn('lab'),
  ...rooms,
  ...['steps', 'steps/lib', 'assets', 'scripts', 'bin', 'bench', 'test'],
]

const modules = tables.flatMap((folder) => [
  ...filesIn(folder),
  ...(rooms.includes(folder) ? below(folder) : foldersIn(folder))
    .filter((path) => !tables.includes(path))
    .map((path) => `${path}/`),
])

/** The rows of the tables whose heading is the path of a folder. */
function rowsOf(text: string): Row[] {
  let folder: string | undefined
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('#')) folder = /^### `([^`]+)`$/.exec(line)?.[1]
    const [, name, sentence] = /^\| `([^`]+)` \| (.+) \|$/.exec(line) ?? []
    return folder && name && sentence ? [{ path: `${folder}/${name}`, sentence }] : []
  })
}

describe('docs/architecture.md', () => {
  const rows = rowsOf(readFileSync(join(root, 'docs/architecture.md'), 'utf8'))
  const paths = rows.map(({ path }) => path)

  it('has a row for each module', () => {
    expect(modules.filter((path) => !paths.includes(path))).toEqual([])
  })

  it('names no module that is gone, and none twice', () => {
    expect(paths.filter((path, at) => !modules.includes(path) || paths.indexOf(path) !== at)).toEqual([])
  })

  it('says what a module promises in one sentence of 25 words at most', () => {
    const long = rows.filter(({ sentence }) => !sentence.endsWith('.') || sentence.split(/\s+/).length > 25)
    expect(long).toEqual([])
  })
})
