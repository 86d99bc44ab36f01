import { messageOf } from '../../engine/lab-error.ts'
import type { Connection, Host } from './host.ts'
import type { Message } from './messages.ts'
import type { Model } from './model.ts'
import { changesOf } from './since.ts'
import { transcribe } from './transcript.ts'

/** How often the chain is asked for while something moves, and the probe while it runs. */
const ASK_MS = 2000

/** The way to the lab: attaches, tells what happens there, notices when it is gone. */
export class Line {
  private connection: Connection | undefined
  private connecting = false
  private asking = false
  private asked = Number.NEGATIVE_INFINITY

  constructor(
    private readonly host: Host,
    private readonly model: () => Model,
    private readonly send: (message: Message) => void,
  ) {}

  get lab() {
    return this.connection?.lab
  }

  /** Looks at the machine first, and asks before anything is fetched; a lab that is up is attached to at once. */
  async begin(): Promise<void> {
    const { host, send } = this
    const tools = host.tools().catch(() => [])
    void tools.then((found) => send({ kind: 'tools', tools: found }))
    if (await host.isUp()) return this.connect()
    const kubectl = (await tools).find(({ name, state }) => name === 'kubectl' && state !== 'ok')
    if (kubectl && host.place.fetch !== undefined) send({ kind: 'link', link: { kind: 'asking', tool: kubectl.name } })
    else await this.connect()
  }

  async connect(): Promise<void> {
    if (this.connecting) return
    this.connecting = true
    const { host, send } = this
    const since = host.clock.now()
    send({ kind: 'link', link: { kind: 'starting', since } })
    try {
      const connection = await host.connect((line) => send({ kind: 'link', link: { kind: 'starting', since, line } }))
      await this.attached(connection)
    } catch (error) {
      send({ kind: 'link', link: { kind: 'failed', message: messageOf(error) } })
    } finally {
      this.connecting = false
    }
  }

  /** Asks what is not told by events: the chain and the probe. Nothing is asked while an answer is awaited. */
  ask(now = this.host.clock.now()): void {
    const { lab, send } = this
    const early = now >= this.asked && now - this.asked < ASK_MS
    if (!lab || this.asking || early || this.model().page === 'welcome') return
    this.asking = true
    this.asked = now
    const probe = this.model().state?.probe.running ? lab.ask('probe') : Promise.resolve(undefined)
    Promise.all([lab.ask('chain'), probe])
      .then(([chain, report]) => {
        send({ kind: 'chain', chain })
        if (report) send({ kind: 'probe', probe: report })
      })
      // What cannot be asked is told by `ended`, or comes with the next answer.
      .catch(() => {})
      .finally(() => {
        this.asking = false
      })
  }

  close(): void {
    this.connection?.detach()
    this.connection = undefined
  }

  private async attached(connection: Connection): Promise<void> {
    const { host, send } = this
    const { lab, since, started } = connection
    const { log, theme } = this.model()
    this.connection = connection
    lab.subscribe((recorded) => {
      transcribe(log, recorded, lab.state(), theme)
      send({ kind: 'event', recorded, state: lab.state() })
    })
    void lab.ended.then((reason) => {
      if (this.connection !== connection) return
      this.connection = undefined
      send({ kind: 'link', link: { kind: 'lost', reason } })
    })
    send({
      kind: 'attached',
      state: lab.state(),
      since: since && { at: since.at, lines: changesOf(lab.state().outline, since.events, started) },
    })
    if (log.version === 0) await this.recall(connection)
    this.asked = Number.NEGATIVE_INFINITY
    this.ask(host.clock.now())
  }

  /** The output of before this visit. */
  private async recall({ lab }: Connection): Promise<void> {
    const before = await lab.ask('output').catch(() => '')
    const { log, theme } = this.model()
    if (before === '' || log.version > 0) return
    log.begin(undefined, theme.paint('dim', 'before'))
    log.append(undefined, before)
    this.send({ kind: 'tick' })
  }
}
