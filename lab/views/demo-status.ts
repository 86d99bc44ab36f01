import { type Demo, isHeld } from '../engine/demo-state.ts'
import { isStuck } from '../engine/demo-wait.ts'
import { rowsOf } from '../engine/report.ts'
import type { State } from '../engine/state.ts'
import { durationText } from './duration.ts'

export type DemoStatus = { readonly tone: 'running' | 'pending' | 'blocked' | 'accent'; readonly text: string }

/** What a demo does or waits for, in a few words. */
export function demoStatus(demo: Demo, state: State, now: number): DemoStatus {
  if (isHeld(demo)) return { tone: 'accent', text: heldBy(demo) }
  const { phase } = demo
  switch (phase.kind) {
    case 'welcome':
      return { tone: 'accent', text: 'ready' }
    case 'typing':
      return { tone: 'running', text: 'types' }
    case 'typed':
      return { tone: 'accent', text: 'ready to run' }
    case 'running':
      return { tone: 'running', text: `runs, ${durationText(demo.spent)}` }
    case 'reading':
      return { tone: 'accent', text: 'to look at' }
    case 'waiting':
      return waitingFor(demo, state, now)
    case 'done':
      return { tone: 'accent', text: 'passed' }
    case 'finished':
      return { tone: 'accent', text: 'the end' }
    case 'stopped':
    case 'left':
      return { tone: 'blocked', text: demo.stopped ?? 'over' }
  }
}

function heldBy({ leads, own, blank, frozen }: Demo): string {
  if (!leads) return 'another demo was started later: that one acts'
  if (own)
    return own.running
      ? 'your command runs: Ctrl-C ends it, Esc gives back'
      : 'taken over: type, Enter runs, Esc gives back'
  if (blank) return 'blank: any key shows the screen'
  return frozen ? 'frozen: p goes on' : 'looking at another page: Esc comes back'
}

function waitingFor(demo: Demo, state: State, now: number): DemoStatus {
  const open = rowsOf(state, [demo.task ?? '']).filter(({ verdict }) => verdict !== 'passed')
  const bad = open.find(({ verdict }) => verdict === 'broken' || verdict === 'blocked')
  if (isStuck(demo, state)) {
    const why = bad?.found ?? 'the command failed'
    return { tone: 'blocked', text: why }
  }
  const wait = bad ? undefined : open.find(({ verdict }) => verdict === 'pending')
  if (!wait) return { tone: 'running', text: 'checks' }
  const left = wait.until === undefined ? undefined : Date.parse(wait.until) - now
  const by = left === undefined || left <= 0 ? '' : `, in ${durationText(left)} at the latest`
  return { tone: 'pending', text: `waits for ${wait.actor}${by}` }
}
