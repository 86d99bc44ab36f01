import { type DemoKey, isUnseen } from '../../../engine/demo-state.ts'
import { isStuck } from '../../../engine/demo-wait.ts'
import type { Model } from '../model.ts'

/** What a presenter's key does. */
export type DemoAct = `demo:${DemoKey}`

type DemoBinding = { readonly act: DemoAct; readonly key: string; readonly label?: string; readonly help: string }

/** Presenter remotes send PgDn to go on, and `b` or `.` for a blank screen. */
export const DEMO_KEYS: Readonly<Record<DemoAct, readonly string[]>> = {
  'demo:next': ['enter', ' ', 'pagedown', 'right'],
  'demo:now': ['t'],
  'demo:take': ['o'],
  'demo:give': ['escape'],
  'demo:freeze': ['p'],
  'demo:blank': ['b', '.'],
}

const NEXT: Readonly<Record<string, string>> = {
  welcome: 'begin',
  typing: 'type at once',
  typed: 'run it',
  reading: 'go on',
  waiting: 'type it again',
  done: 'go on',
  finished: 'leave',
}

/** The presenter's keys that do something now. */
export function demoBindings({ demo, state }: Model): readonly DemoBinding[] {
  if (!demo || !state) return []
  if (demo.own) {
    const label = demo.own.running || demo.own.text.trim() === '' ? undefined : 'run it'
    return [
      { act: 'demo:next', key: 'Enter', label, help: 'run what you typed' },
      { act: 'demo:give', key: 'Esc', label: 'give back', help: 'let the demo go on' },
    ]
  }
  const idle = isUnseen(demo) || (demo.phase.kind === 'waiting' && !isStuck(demo, state))
  const label = idle ? undefined : NEXT[demo.phase.kind]
  const next: DemoBinding = { act: 'demo:next', key: 'Enter', label, help: 'go on; Space and PgDn, too' }
  if (demo.task === undefined || demo.phase.kind === 'finished') return [next]
  return [
    next,
    ...(demo.phase.kind === 'typing'
      ? [{ act: 'demo:now', key: 't', help: 'type the rest of the command at once' } as const]
      : []),
    { act: 'demo:take', key: 'o', label: 'take over', help: 'type a command of your own in this place' },
    {
      act: 'demo:freeze',
      key: 'p',
      label: demo.frozen ? 'go on' : 'freeze',
      help: 'stop the demo where it is, or let it go on',
    },
    { act: 'demo:blank', key: 'b', label: 'blank', help: 'a blank screen, until the next key' },
  ]
}
