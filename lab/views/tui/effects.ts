import { messageOf } from '../../engine/lab-error.ts'
import type { DemoControl } from '../../engine/stage.ts'
import type { Line } from './connection.ts'
import { edit } from './editing.ts'
import type { Host } from './host.ts'
import type { Command, Message } from './messages.ts'
import type { Model } from './model.ts'
import type { Screen } from './terminal/screen.ts'

export type Performing = {
  readonly host: Host
  readonly screen: Screen
  readonly line: Line
  readonly demo?: DemoControl
  model(): Model
  send(message: Message): void
}

/** Does what the UI wants done, and tells what came of it. Never rejects. */
export async function perform(command: Exclude<Command, { kind: 'leave' }>, performing: Performing): Promise<void> {
  const { host, screen, line, send } = performing
  try {
    switch (command.kind) {
      case 'connect':
        return await line.connect()
      case 'stop':
        return screen.stop()
      case 'demo':
        return performing.demo?.send(command.event)
      case 'copy':
        return screen.copy(command.text)
      case 'dispatch': {
        const { intent } = command
        if (!line.lab) return gone(send)
        return send({ kind: 'answered', intent, outcome: await line.lab.dispatch(intent) })
      }
      case 'shell': {
        if (!line.lab) return gone(send)
        const variables = await line.lab.ask('env')
        return await screen.suspend(() => host.shell(variables))
      }
      case 'edit': {
        if (!line.lab) return gone(send)
        const outcome = await edit(command, { env: host.env, screen, lab: line.lab, model: performing.model() })
        if (!outcome.ok) send({ kind: 'notice', tone: 'bad', text: outcome.why })
        return
      }
    }
  } catch (error) {
    send({ kind: 'notice', tone: 'bad', text: messageOf(error).replaceAll('\n', '; ') })
  }
}

const gone = (send: Performing['send']): void =>
  send({ kind: 'notice', tone: 'bad', text: 'The background process is not there: wait until it has started' })
