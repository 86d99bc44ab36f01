import type { Store } from '../core/store.ts'
import { type App, nowOf } from './app.ts'
import type { User } from './entities.ts'
import { issueAccessToken } from './routes/tokens.ts'

/** The one user, and the two tokens that the lab hands out. They are secrets. */
export type Seed = { readonly user: User; readonly token: string; readonly writeToken: string }

const KEY = 'gitlab/seed'
const YEAR = 365 * 86_400_000

type Kept = { readonly token: string; readonly writeToken: string }

/** Makes user `learner` and the tokens at the first start, and finds them again at any later one. */
export function seed(app: App, store: Store): Seed {
  const { users } = app.records
  const user =
    users.find(({ username }) => username === 'learner') ??
    users.insert({ username: 'learner', name: 'Learner', email: 'learner@example.com', created_at: nowOf(app) })
  const kept = store.get(KEY)?.value as Kept | undefined
  if (kept) return { user, ...kept }
  const expires_at = new Date(app.clock.now() + YEAR).toISOString().slice(0, 10)
  const issue = (name: string, scope: string, description: string) =>
    issueAccessToken(app, { user_id: user.id, name, description, scopes: [scope], expires_at }).token
  const made: Kept = {
    token: issue('gitops-lab', 'api', 'What the learner works with'),
    writeToken: issue('gitops-lab-write', 'write_repository', 'What the cluster writes to Git with'),
  }
  store.put(KEY, made)
  return { user, ...made }
}
