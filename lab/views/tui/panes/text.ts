import type { Action, Block, Step, Task } from '../../../engine/course.ts'
import { offerOf } from '../../../engine/offer.ts'
import { isPassed, type State, taskState } from '../../../engine/state.ts'
import { following, type Model, taskOnScreen, textOf } from '../model.ts'
import type { Renderer } from '../renderer.ts'
import { wrap } from '../text/fit.ts'
import { elapsed, spin } from './rows.ts'

/** The rows of the text, and where its actions are. */
export type TextRows = {
  readonly rows: readonly string[]
  readonly actions: Readonly<Record<string, { readonly from: number; readonly to: number }>>
}

const EMPTY: TextRows = { rows: [], actions: {} }

/** The text of the task on display, with the introduction of its step before the first one. */
export function textRows(model: Model, width: number): TextRows {
  const { state, render, theme } = model
  const shown = taskOnScreen(model)
  const text = shown && textOf(model, shown.key)
  if (!state || !shown || !text || !render) return EMPTY
  const { step, task } = text
  const first = step.tasks[0] === task
  const at = step.tasks.indexOf(task) + 1
  const page = new Page(model, state, shown.key, width, render)
  if (first) page.step(step)
  page.add(
    `${theme.paint('heading', task.title)}  ${theme.paint('dim', `task ${at} of ${step.tasks.length}${task.kind === 'look' ? ', to look at' : ''}`)}`,
    '',
  )
  page.blocks(task.blocks, task)
  // A demo shows how it is done, even where it holds already.
  const told = !model.demo || model.looking !== undefined || model.demo.phase.kind === 'done'
  if (told && isPassed(state, shown.key)) page.done(step, at === step.tasks.length)
  return page
}

class Page implements TextRows {
  readonly rows: string[] = []
  readonly actions: Record<string, { from: number; to: number }> = {}
  private hints = 0

  constructor(
    private readonly model: Model,
    private readonly state: State,
    private readonly key: string,
    private readonly width: number,
    private readonly render: Renderer,
  ) {}

  add(...rows: readonly string[]): void {
    for (const row of rows) this.rows.push(...wrap(row, this.width))
  }

  step(step: Step): void {
    const { theme } = this.model
    const minutes = `${step.minutes} minute${step.minutes === 1 ? '' : 's'}`
    this.add(theme.paint('dim', `About ${minutes}. At its end: ${step.goal}`), '')
    this.blocks(step.intro, undefined)
    this.add(theme.paint('border', theme.symbols.box.h.repeat(Math.min(this.width, 24))), '')
  }

  blocks(blocks: readonly Block[], task: Task | undefined): void {
    for (const block of blocks) this.block(block, task)
  }

  done(step: Step, last: boolean): void {
    const { theme } = this.model
    const { symbols } = theme
    const next = following(this.model)
    this.add(theme.paint('passed', `${symbols.passed} Done.`))
    if (last && step.learnt.length > 0) {
      this.add('', theme.paint('strong', `Step ${step.number} is done. You have seen:`))
      for (const line of step.learnt) {
        const [first = '', ...others] = wrap(line, this.width - 2)
        this.rows.push(`${theme.paint('passed', symbols.bullet)} ${first}`, ...others.map((row) => `  ${row}`))
      }
    }
    if (this.model.looking === undefined && next) this.add(theme.paint('dim', `Enter goes on: ${next.title}`))
  }

  private block(block: Block, task: Task | undefined): void {
    const { render, width } = this
    switch (block.kind) {
      case 'prose':
        this.rows.push(...render.markdown(block.markdown, width), '')
        return
      case 'action': {
        const action = task?.actions.find(({ id }) => id === block.action)
        if (action) this.action(action, block.language)
        return
      }
      case 'output':
        this.add(this.model.theme.paint('dim', 'expect'))
        this.barred(render.code(block.text, 'text', width - 2), 'dim')
        return
      case 'code':
        this.barred(render.code(block.text, block.language, width - 2), 'border')
        return
      case 'hint':
        this.hint(block.markdown)
        return
      case 'why':
      case 'warning': {
        const { theme } = this.model
        const role = block.kind === 'why' ? 'accent' : 'warning'
        this.add(theme.paint(role, `${theme.symbols[block.kind]} ${block.kind === 'why' ? 'Why' : 'Careful'}`))
        this.rows.push(...render.markdown(block.markdown, width - 2).map((row) => `  ${row}`), '')
        return
      }
      case 'notes':
        return
    }
  }

  private action(action: Action, language: string): void {
    const from = this.rows.length
    const next = this.isNext(action)
    this.add(this.label(action, next))
    const role = next ? 'focus' : 'border'
    if (action.kind === 'edit') this.barred(this.render.diff(action.diff, this.width - 2), role)
    else {
      const text = action.kind === 'run' ? action.script : action.content
      this.barred(this.render.code(text, action.kind === 'run' ? 'sh' : language, this.width - 2), role)
    }
    this.actions[action.id] = { from, to: this.rows.length - 1 }
  }

  private isNext({ id }: Action): boolean {
    const offer = offerOf(this.state)
    return 'action' in offer && offer.task === this.key && offer.action === id && this.model.looking === undefined
  }

  private label(action: Action, next: boolean): string {
    const { theme, now } = this.model
    const { symbols, paint } = theme
    const does = {
      run: '',
      edit: ` edits ${'path' in action ? action.path : ''}`,
      write: ` writes ${'path' in action ? action.path : ''}`,
    }[action.kind]
    const known = taskState(this.state, this.key).actions[action.id]
    const what = does === '' ? '' : paint('strong', does.trim())
    const rest = what === '' ? '' : ` ${paint('dim', '-')} ${what}`
    if (known && !known.ended)
      return `${paint('running', `${spin(theme, now)} runs, ${elapsed(now, known.startedAt)}`)}${rest}`
    if (known?.ended?.outcome === 'ok')
      return `${paint('passed', `${symbols.passed} done, ${elapsed(known.ended.at, known.startedAt)}`)}${rest}`
    if (known?.ended) {
      const { outcome, code } = known.ended
      return `${paint('blocked', `${symbols.blocked} ${outcome}${code === null ? '' : `, exit code ${code}`}`)}${rest}`
    }
    const verb = {
      run: 'runs this',
      edit: this.model.demo ? 'makes this edit' : 'makes this edit, e lets you make it',
      write: 'writes this',
    }[action.kind]
    if (next) return `${paint('focus', `${symbols.current} Enter ${verb}`)}${rest}`
    return `${paint('dim', `${symbols.open} ${action.kind === 'run' ? 'command' : action.kind}`)}${rest}`
  }

  private hint(markdown: string): void {
    const { theme, looking, demo } = this.model
    const { symbols } = theme
    const at = ++this.hints
    const revealed = taskState(this.state, this.key).hints
    if (at <= revealed) {
      this.add(theme.paint('accent', `${symbols.hint} Hint ${at}`))
      this.rows.push(...this.render.markdown(markdown, this.width - 2).map((row) => `  ${row}`), '')
    } else if (at === revealed + 1 && looking === undefined && !demo && !isPassed(this.state, this.key)) {
      this.add(theme.paint('dim', `${symbols.hint} Stuck? h shows ${at === 1 ? 'a' : 'another'} hint`), '')
    }
  }

  private barred(rows: readonly string[], role: 'border' | 'dim' | 'focus'): void {
    const { theme } = this.model
    const bar = theme.paint(role, theme.symbols.box.v)
    const body = role === 'dim' ? rows.map((row) => theme.paint('dim', row)) : rows
    this.rows.push(...body.map((row) => `${bar} ${row}`), '')
  }
}
