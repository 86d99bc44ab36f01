import { ApiRefusal, type Ask } from '../../../core/pages/api.ts'

/** Argo CD's API as the pages use it, with the reader's session. */
export class Client {
  constructor(
    private readonly ask: Ask,
    private readonly token: string | undefined,
  ) {}

  /** @throws ApiRefusal */
  async get<T>(path: string): Promise<T> {
    return (await this.send('GET', path)).json() as Promise<T>
  }

  /** Undefined when the API refuses. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path)
    } catch (error) {
      if (error instanceof ApiRefusal) return undefined
      throw error
    }
  }

  /** @throws ApiRefusal */
  async send(method: string, path: string, body?: object): Promise<Response> {
    const headers = {
      ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
    }
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }
    const response = await this.ask(`/api/v1${path}`, init)
    if (response.ok) return response
    const { message = `status ${response.status}` } = (await response.json().catch(() => ({}))) as { message?: string }
    throw new ApiRefusal(response.status, message)
  }
}
