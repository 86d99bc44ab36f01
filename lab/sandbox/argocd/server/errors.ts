/** gRPC status codes and the HTTP status that the gateway answers them with. */
const CODES = {
  InvalidArgument: [3, 400],
  NotFound: [5, 404],
  AlreadyExists: [6, 409],
  PermissionDenied: [7, 403],
  FailedPrecondition: [9, 400],
  Aborted: [10, 409],
  Unimplemented: [12, 501],
  Internal: [13, 500],
  Unavailable: [14, 503],
  Unauthenticated: [16, 401],
  Unknown: [2, 500],
} as const

export type GrpcCode = keyof typeof CODES

/** An answer of Argo CD's API that is an error: `{error, code, message}`. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'

  constructor(
    readonly code: GrpcCode,
    message: string,
  ) {
    super(message)
  }

  get httpStatus(): (typeof CODES)[GrpcCode][1] {
    return CODES[this.code][1]
  }

  body(): { error: string; code: number; message: string } {
    return { error: this.message, code: CODES[this.code][0], message: this.message }
  }
}
