import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many answers of one repository are kept at the most. */
const LIMIT = 500

type Known = { readonly refs: string; readonly answers: Map<string, Promise<unknown>> }

const repositories = new Map<string, Known>()

/**
 * What git answered to a question about a bare repository. As objects never change, an answer stays true as long as no
 * ref moves, and starting git anew for each question would cost more than everything else that is asked of GitLab.
 */
export function remembered<T>(directory: string, question: string, ask: () => Promise<T>): Promise<T> {
  const refs = fingerprint(directory)
  let known = repositories.get(directory)
  if (known?.refs !== refs || known.answers.size > LIMIT) {
    known = { refs, answers: new Map() }
    repositories.set(directory, known)
  }
  const { answers } = known
  const answered = answers.get(question) as Promise<T> | undefined
  if (answered) return answered
  const asked = ask()
  answers.set(question, asked)
  asked.catch(() => answers.delete(question))
  return asked
}

/** Every ref and what it points at, loose or packed. */
function fingerprint(directory: string): string {
  const parts = ['HEAD', 'packed-refs'].map((name) => textOf(join(directory, name)))
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (!entry.name.endsWith('.lock')) parts.push(path, textOf(path))
    }
  }
  if (existsSync(join(directory, 'refs'))) visit(join(directory, 'refs'))
  return parts.join('\n')
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
