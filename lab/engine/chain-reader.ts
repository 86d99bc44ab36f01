import { type Chain, isChain, type ReadChain } from './chain.ts'
import { messageOf } from './lab-error.ts'
import type { Clock, Lab } from './ports.ts'
import { timeLimit, unlessAborted } from './time-limit.ts'

/** How long an answer serves everybody who asks. */
const FRESH = 1000
/** How long it serves when nothing is known to have changed: not everything that it reads is watched. */
const STALE = 5000
/** How long reading may take before it counts as a problem. */
const LIMIT = 10_000

export type ChainReaderOptions = {
  readonly read: ReadChain | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  labFor(signal: AbortSignal): Lab
}

/** Reads where the learner's last change is when somebody asks, at most once a second. */
export class ChainReader {
  private known: { readonly chain: Chain; readonly at: number } | undefined
  private reading: Promise<Chain> | undefined
  private isChanged = false

  constructor(private readonly options: ChainReaderOptions) {}

  /** Something may have changed. */
  changed(): void {
    this.isChanged = true
  }

  /** Never rejects: what stood against reading is the chain's problem. Undefined when the course has no chain. */
  async ask(): Promise<Chain | undefined> {
    const { read, clock } = this.options
    if (!read) return undefined
    const age = this.known ? clock.now() - this.known.at : Number.POSITIVE_INFINITY
    if (this.known && age >= 0 && age < (this.isChanged ? FRESH : STALE)) return this.known.chain
    this.reading ??= this.read(read).finally(() => {
      this.reading = undefined
    })
    return this.reading
  }

  private async read(read: ReadChain): Promise<Chain> {
    const { clock, signal, labFor } = this.options
    this.isChanged = false
    const limit = timeLimit(clock, LIMIT, `chain.ts did not answer within ${LIMIT / 1000} s`, signal)
    const chain = await unlessAborted(Promise.resolve(limit.signal).then(labFor).then(read), limit.signal)
      .then(examine, (error): Chain => ({ links: [], problem: messageOf(error) }))
      .finally(limit.end)
    this.known = { chain, at: clock.now() }
    return chain
  }
}

const examine = (chain: unknown): Chain =>
  isChain(chain) ? chain : { links: [], problem: 'chain.ts has to return { links: [{ id, title, state, … }] }' }
