import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'

export type Session = { readonly id: string; readonly username: string; readonly token: string }

const LIFETIME = 12 * 3600_000
const LIMIT = 100

/** Who is signed in, in memory only: a new process knows nobody. */
export class Sessions {
  private readonly known = new Map<string, Session & { readonly until: number }>()

  constructor(private readonly clock: Clock) {}

  start(username: string, token: string): Session {
    const session = { id: randomBytes(24).toString('base64url'), username, token, until: this.clock.now() + LIFETIME }
    this.known.set(session.id, session)
    const [oldest] = this.known.keys()
    if (this.known.size > LIMIT && oldest) this.known.delete(oldest)
    return session
  }

  get(id: string | undefined): Session | undefined {
    const session = this.known.get(id ?? '')
    return session && session.until > this.clock.now() ? session : undefined
  }

  end(id: string): void {
    this.known.delete(id)
  }
}
