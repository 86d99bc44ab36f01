import { ApiRefusal, type Ask } from '../../core/pages/api.ts'

/** The REST API, as the pages use it: with the reader's token or none, so that what may be seen is decided in one place. */
export class Client {
  constructor(
    private readonly ask: Ask,
    private readonly token: string | undefined,
  ) {}

  /** @throws ApiRefusal */
  async get<T>(path: string): Promise<T> {
    return (await this.send('GET', path)).json() as Promise<T>
  }

  /** Rows of a list, and how many there are in all. @throws ApiRefusal */
  async list<T>(path: string): Promise<{ readonly rows: readonly T[]; readonly total: number }> {
    const response = await this.send('GET', path)
    const rows = (await response.json()) as T[]
    return { rows, total: Number(response.headers.get('x-total') ?? rows.length) }
  }

  /** Undefined when there is no such thing. @throws ApiRefusal */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path)
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === 404) return undefined
      throw error
    }
  }

  /** @throws ApiRefusal */
  async bytes(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.send('GET', path)).arrayBuffer())
  }

  /** @throws ApiRefusal */
  async post<T>(path: string, body: object = {}): Promise<T> {
    return (await this.send('POST', path, body)).json() as Promise<T>
  }

  private async send(method: string, path: string, body?: object): Promise<Response> {
    const headers = {
      ...(this.token ? { 'PRIVATE-TOKEN': this.token } : {}),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    }
    const response = await this.ask(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    if (!response.ok) throw new ApiRefusal(response.status, reasonOf(await response.text()))
    return response
  }
}

/** The reason in any of the forms that GitLab gives it: a text, or texts for each field. */
function reasonOf(body: string): string {
  try {
    const { message, error_description, error } = JSON.parse(body) as Record<string, unknown>
    const reason = message ?? error_description ?? error ?? body
    if (typeof reason !== 'object' || reason === null) return String(reason)
    return [...new Set(Object.entries(reason).map(([field, texts]) => `${field} ${[texts].flat().join(', ')}`))].join(
      '; ',
    )
  } catch {
    return body
  }
}
