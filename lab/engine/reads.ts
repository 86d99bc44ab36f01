import type { Clock, Lab } from './ports.ts'
import { timeLimit, unlessAborted } from './time-limit.ts'

type Readers = Pick<Lab, 'kube' | 'gitlab' | 'registry' | 'http' | 'files' | 'git' | 'tools'>

/** How long a part of the world may take for one answer, in milliseconds. */
const LIMIT = 10_000

/** Whoever stands behind a reader, where it can stop answering. */
const PARTS = { kube: 'the cluster', gitlab: 'GitLab', registry: 'the registry' } as const
type Part = (typeof PARTS)[keyof typeof PARTS]

/** A part of the world does not answer, since a time. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'

  constructor(
    readonly part: Part,
    readonly since: number,
    readonly how: string,
  ) {
    super(`${part} does not answer: ${how}`)
  }
}

/** Readers for checks: what several ask at the same time is read once, and silence of a part is an `Unanswered`. */
export class Reads {
  private readonly silent = new Map<Part, number>()

  constructor(
    private readonly lab: Readers,
    private readonly clock: Clock,
  ) {}

  /** Readers for one evaluation, within which the same question has the same answer. */
  fresh(): Readers {
    const { kube, gitlab, registry, http, files, git, tools } = this.lab
    return {
      kube: this.shared(kube, PARTS.kube),
      gitlab: this.shared(gitlab, PARTS.gitlab),
      registry: this.shared(registry, PARTS.registry),
      http: this.shared(http),
      files: this.shared(files),
      git: this.shared(git),
      tools: this.shared(tools),
    }
  }

  private shared<T extends object>(reader: T, part?: Part): T {
    const answers = new Map<string, Promise<unknown>>()
    return new Proxy(reader, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...args: unknown[]) => {
          const question = JSON.stringify([name, args])
          const ask = async () => method.apply(target, args)
          const answer = answers.get(question) ?? (part ? this.answered(part, ask) : ask())
          answers.set(question, answer)
          return answer
        }
      },
    })
  }

  private async answered(part: Part, ask: () => Promise<unknown>): Promise<unknown> {
    const limit = timeLimit(this.clock, LIMIT, `no answer in ${LIMIT / 1000} s`, new AbortController().signal)
    const asked = this.clock.now()
    try {
      const answer = await unlessAborted(ask(), limit.signal)
      this.silent.delete(part)
      return answer
    } catch (error) {
      const how = limit.signal.aborted ? String(limit.signal.reason.message) : silenceOf(error)
      if (how === undefined) throw error
      const since = this.silent.get(part) ?? asked
      this.silent.set(part, since)
      throw new Unanswered(part, since, how)
    } finally {
      limit.end()
    }
  }
}

/** Codes of system errors that mean that nobody answered. */
const CODES =
  /\b(?:E(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|UND_ERR_\w+)\b/
const GATEWAY = [502, 503, 504]

type Failure = {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly cause?: Failure & { readonly response?: { readonly status?: number } }
}

/** How an error says that nobody answered; undefined if it says something else. */
function silenceOf(error: unknown): string | undefined {
  const { name = '', code = '', message = '', cause } = (error ?? {}) as Failure
  const status = cause?.response?.status ?? Number(/answered (\d{3})\b/.exec(message)?.[1])
  if (GATEWAY.includes(status)) return `HTTP ${status}`
  const known = CODES.exec(code)?.[0] ?? CODES.exec(message)?.[0]
  if (known) return known
  if (/Timeout/.test(name)) return message || name
  return cause ? silenceOf(cause) : undefined
}
