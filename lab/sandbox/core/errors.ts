/** An error that is an answer: an HTTP status and what the protocol's renderer needs. Thrown by handlers. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    message: string,
    /** Whatever the protocol adds: `reason` and `details` (Kubernetes), `code` (registry, Argo CD). */
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
