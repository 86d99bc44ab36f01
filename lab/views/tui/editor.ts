import type { Exit } from './terminal/inherit.ts'

type Explanation = { readonly expected: string; readonly found: string; readonly next: string }

/** What became of a file that somebody was to edit. */
export type Edited =
  | { readonly kind: 'edited'; readonly before: string; readonly after: string }
  | ({ readonly kind: 'unchanged' | 'failed' | 'missing' } & Explanation)

export type EditorPorts = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a program is on the PATH. */
  has(program: string): boolean
  /** The file's text; empty if there is none yet. */
  read(path: string): Promise<string>
  /** Leaves the terminal to `work` and takes it back. */
  suspend<T>(work: () => Promise<T>): Promise<T>
  /** Runs a program with the terminal as its own. */
  run(command: string, args: readonly string[]): Promise<Exit>
}

const USUAL = ['nano', 'vim', 'vi']
/** How a POSIX shell says that there is no such program, or that it is none. */
const NOT_FOUND = [126, 127]

/** `$VISUAL`, else `$EDITOR`, as the user wrote it, else the first of nano, vim and vi that is there. */
export function findEditor({ env, has }: Pick<EditorPorts, 'env' | 'has'>): string | undefined {
  return [env['VISUAL'], env['EDITOR']].find((value) => value?.trim()) ?? USUAL.find(has)
}

/** Has the user edit a file in their editor, and tells what became of it. */
export async function editFile(path: string, ports: EditorPorts): Promise<Edited> {
  const editor = findEditor(ports)
  if (editor === undefined) {
    return {
      kind: 'missing',
      expected: 'an editor in $VISUAL or $EDITOR, or nano, vim or vi on your PATH',
      found: 'none',
      next: `Set EDITOR and start again, edit ${path} elsewhere, or let the lab make the edit`,
    }
  }
  const before = await ports.read(path)
  let exit: Exit
  try {
    // $EDITOR may hold arguments and quotes: a shell takes it apart, as it does for git.
    exit = await ports.suspend(() => ports.run('sh', ['-c', `${editor} "$@"`, editor, path]))
  } catch (error) {
    return failed(editor, path, error instanceof Error ? error.message : String(error))
  }
  if (exit.code !== null && NOT_FOUND.includes(exit.code)) {
    return {
      kind: 'missing',
      expected: `the editor of $VISUAL or $EDITOR, \`${editor}\`, on your PATH`,
      found: `the shell cannot run it (${exit.code})`,
      next: `Set EDITOR to one that you have and start again, edit ${path} elsewhere, or let the lab make the edit`,
    }
  }
  if (exit.code !== 0) return failed(editor, path, exit.code === null ? `ended by ${exit.signal}` : `exit ${exit.code}`)
  const after = await ports.read(path)
  if (after !== before) return { kind: 'edited', before, after }
  return {
    kind: 'unchanged',
    expected: `a change of ${path}`,
    found: 'the file as it was',
    next: 'Save it in the editor. One with a window of its own must wait until you close the file: `code --wait`',
  }
}

const failed = (editor: string, path: string, found: string): Edited => ({
  kind: 'failed',
  expected: `\`${editor}\` to end with 0`,
  found,
  next: `Try again, edit ${path} elsewhere, or let the lab make the edit`,
})
