import type { PageStatus } from './document.ts'

/** Sends a request to the API of the same process. */
export type Ask = (path: string, init: RequestInit) => Response | Promise<Response>

/** The API refused; the text is what it said. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal'
  readonly status: PageStatus

  constructor(status: number, message: string) {
    super(message)
    this.status = status as PageStatus
  }
}
