import type { Chain } from '../../engine/chain.ts'
import type { Course } from '../../engine/course.ts'
import type { Demo, DemoEvent } from '../../engine/demo-state.ts'
import type { Recorded } from '../../engine/events.ts'
import type { Intent, Outcome } from '../../engine/intents.ts'
import type { ProbeReport } from '../../engine/ports.ts'
import type { OwnEvent } from '../../engine/stage.ts'
import type { State } from '../../engine/state.ts'
import type { Link, Model, Since, Tool } from './model.ts'
import type { Renderer } from './renderer.ts'
import type { Input } from './terminal/decode.ts'
import type { Size } from './terminal/size.ts'

/** Everything that can happen to the UI. */
export type Message =
  | { readonly kind: 'input'; readonly input: Input }
  | { readonly kind: 'tick' }
  | { readonly kind: 'resized'; readonly size: Size }
  | { readonly kind: 'course'; readonly course: Course }
  | { readonly kind: 'renderer'; readonly render: Renderer }
  | { readonly kind: 'tools'; readonly tools: readonly Tool[] }
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'attached'; readonly state: State; readonly since?: Since }
  | { readonly kind: 'event'; readonly recorded: Recorded; readonly state: State }
  | { readonly kind: 'chain'; readonly chain: Chain | undefined }
  | { readonly kind: 'probe'; readonly probe: ProbeReport | undefined }
  | { readonly kind: 'answered'; readonly intent: Intent; readonly outcome: Outcome }
  | { readonly kind: 'demo'; readonly demo: Demo }
  | { readonly kind: 'own'; readonly run: number; readonly event: OwnEvent }
  | { readonly kind: 'notice'; readonly text: string; readonly tone: 'info' | 'bad' }

/** What the UI wants done; everything impure. */
export type Command =
  | { readonly kind: 'dispatch'; readonly intent: Intent }
  /** Attach, starting the background process if there is none. */
  | { readonly kind: 'connect' }
  | { readonly kind: 'edit'; readonly task: string; readonly action: string; readonly path: string }
  | { readonly kind: 'shell' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'demo'; readonly event: DemoEvent }
  | { readonly kind: 'leave' }

export type Updated = { readonly model: Model; readonly commands: readonly Command[] }
