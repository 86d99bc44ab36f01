import { beforeAll, describe, expect, it } from 'vitest'
import type { Chain } from '../../engine/chain.ts'
import type { Course } from '../../engine/course.ts'
import type { Event } from '../../engine/events.ts'
import { findTask, type OutlineTask, outlineOf } from '../../engine/outline.ts'
import { reduce } from '../../engine/reduce.ts'
import { initialState } from '../../engine/state.ts'
import { drilledCourse } from '../../testing/fixture.ts'
import { frame } from './frame.ts'
import { initialModel, type Model, PANES } from './model.ts'
import { verdictHeads, verdictRows } from './panes/verdicts.ts'
import { createRenderer } from './renderer.ts'
import { cellWidth } from './text/cell.ts'
import { themeOf } from './theme.ts'

const theme = themeOf({ background: 'dark', colours: 'truecolor', ascii: false })
const WORDS = [
  'a',
  'wide汉字',
  'कर्म',
  'e\u0301e\u0301',
  '👩‍👩‍👧',
  '🇩🇪',
  'x'.repeat(300),
  '\u001b[31mred',
  'tab\there',
  '`code`',
  '**b**',
  'ﷺ',
]

let course: Course
beforeAll(async () => {
  course = await drilledCourse()
})

/** A generator of numbers below `limit`, the same for the same seed. */
function numbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Any state of the UI, with texts that are hard to fit. */
function anyModel(seed: number): Model {
  const next = numbers(seed)
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T
  const text = () => Array.from({ length: 1 + next(12) }, () => pick(WORDS)).join(' ')
  const wild: Course = {
    ...course,
    title: text(),
    intro: `${text()}\n\n${text()}`,
    finish: text(),
    drills: course.drills.map((drill) => ({
      ...drill,
      title: text(),
      symptom: text(),
      blocks: [...drill.blocks, { kind: 'prose', markdown: text() }],
    })),
    steps: course.steps.map((step) => ({
      ...step,
      title: text(),
      goal: text(),
      learnt: [text()],
      tasks: step.tasks.map((task) => ({
        ...task,
        title: text(),
        blocks: [
          ...task.blocks,
          { kind: 'prose', markdown: text() },
          { kind: 'output', text: text(), source: task.source },
          { kind: 'warning', markdown: text() },
          { kind: 'code', language: 'yaml', text: text() },
        ],
      })),
    })),
  }
  const verdict = pick([
    { kind: 'passed', evidence: text() },
    { kind: 'pending', expected: text(), found: text(), actor: text(), on: text(), until: next(2) * 1e12 },
    { kind: 'blocked', expected: text(), found: text(), next: text(), cause: { id: 'x', text: text() } },
    { kind: 'broken', message: text() },
  ] as const)
  const events: readonly Event[] = [
    { kind: 'session-started', version: '1', course: '' },
    { kind: 'task-entered', task: 'files/greet' },
    { kind: 'action-started', task: 'files/greet', action: 'greet', run: 1 },
    { kind: 'checked', task: 'files/greet', results: { 'the file greets': { verdict } } },
    ...(next(2)
      ? [
          {
            kind: 'action-ended',
            task: 'files/greet',
            action: 'greet',
            run: 1,
            outcome: pick(['ok', 'failed'] as const),
            code: 1,
          } as const,
        ]
      : []),
    ...(next(2) ? [{ kind: 'hint-revealed', task: 'files/greet' } as const] : []),
    ...(next(3)
      ? []
      : [{ kind: 'task-passed', task: 'files/greet', evidence: [{ check: text(), text: text() }] } as const]),
  ]
  const drill = 'lost-file'
  const drilled: readonly Event[] = [
    { kind: 'drill-started', drill },
    { kind: 'drill-injected', drill },
    { kind: 'checked', task: `drill/${drill}`, results: { 'somebody greets': { verdict } } },
    { kind: 'drill-hint-revealed', drill },
    { kind: 'drill-solved', drill, evidence: [] },
  ]
  const state = [...events, ...drilled.slice(0, next(drilled.length + 1))].reduce(
    (now, event, at) => reduce(now, { seq: at, at: at * 1000, event }),
    initialState(outlineOf(wild)),
  )
  const states = ['done', 'running', 'waiting', 'failed', 'unknown'] as const
  const chain: Chain = {
    links: Array.from({ length: 6 }, (_, at) => ({
      id: String(at),
      title: text(),
      state: pick(states),
      what: text(),
      actor: text(),
      due: next(2) * 1e12,
      note: text(),
    })),
  }
  const model = initialModel({
    now: 5000,
    size: { columns: 20 + next(200), rows: 4 + next(60) },
    theme,
    place: { labDir: text(), stateDir: text() },
  })
  model.log.begin(1, text())
  model.log.append(1, `${text()}\n${text()}`)
  return {
    ...model,
    course: wild,
    render: createRenderer(theme),
    state: next(8) ? state : undefined,
    shown: 'files/greet',
    looking: next(4) ? undefined : 'delivery/ask',
    link: pick([
      { kind: 'up', since: 0 },
      { kind: 'up', since: 0 },
      { kind: 'lost', reason: text() },
      { kind: 'failed', message: text() },
      { kind: 'starting', since: 0, line: text() },
      { kind: 'asking', tool: 'kubectl' },
    ] as const),
    tools: [{ name: text(), state: 'missing', found: text(), next: text() }],
    since: next(2) ? { at: 0, lines: [text(), text()] } : undefined,
    page: pick(['lab', 'lab', 'lab', 'welcome', 'finish', 'drills', 'drills'] as const),
    drills: pick([{ at: 0 }, { at: 0, failed: `${text()}\n${text()}` }, { at: 0, solved: drill }]),
    waiting: pick([undefined, undefined, 'drill', 'undo-drill'] as const),
    overlay: pick([
      undefined,
      undefined,
      undefined,
      { kind: 'help', scroll: { offset: next(50), follow: false } },
      { kind: 'why', scroll: { offset: 0, follow: false } },
      { kind: 'steps', at: next(9) },
      { kind: 'leave' },
      { kind: 'undo' },
    ] as const),
    focus: pick(PANES),
    zoom: next(4) === 0,
    scrolls: { ...model.scrolls, text: { offset: next(100), follow: false } },
    chain: next(3) ? chain : undefined,
    probe: { startedAt: 0, stoppedAt: null, served: next(1e9), lost: next(1e9) },
    notice: next(3) ? undefined : { text: text(), tone: 'bad', at: 0 },
  }
}

describe('a frame', () => {
  it('fits, whatever it shows', () => {
    for (let seed = 1; seed <= 600; seed++) {
      const model = anyModel(seed)
      const rows = frame(model)
      const { columns, rows: high } = model.size
      expect(rows.length, `rows of seed ${seed}`).toBeLessThanOrEqual(high - 1)
      for (const row of rows)
        expect(cellWidth(row), `seed ${seed}: ${JSON.stringify(row)}`).toBeLessThanOrEqual(columns)
      expect(rows.join('').replace(/\u001b\[[\d;]*m/g, ''), `seed ${seed}`).not.toMatch(/[\u0000-\u001f\u007f]/)
    }
  })

  it('fills the screen that it has', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const model = anyModel(seed)
      if (model.size.columns < 60 || model.size.rows < 15) continue
      expect(frame(model).length).toBe(model.size.rows - 1)
    }
  })

  it('shows code of verdicts in its looks, without backquotes', () => {
    const verdict = {
      kind: 'blocked',
      expected: '`a` there',
      found: 'no `b`',
      next: 'Run `d`',
      cause: { id: 'x', text: '`c`' },
    } as const
    const events: readonly Event[] = [
      { kind: 'task-entered', task: 'files/greet' },
      { kind: 'action-started', task: 'files/greet', action: 'greet', run: 1 },
      { kind: 'checked', task: 'files/greet', results: { 'the file greets': { verdict } } },
    ]
    const state = events.reduce(
      (now, event, at) => reduce(now, { seq: at, at: 0, event }),
      initialState(outlineOf(course)),
    )
    const task = findTask(state.outline, 'files/greet') as OutlineTask
    const options = { width: 80, theme, now: 0, full: true }
    for (const rows of [verdictRows(state, task, options), verdictHeads(state, task, options)]) {
      expect(rows.join('\n')).not.toContain('`')
      expect(rows.join('\n')).toContain(theme.paint('code', 'b').split('b')[0])
    }
  })

  it('offers on the screen only keys that do something', () => {
    const model = { ...anyModel(3), overlay: { kind: 'leave' } as const }
    expect(frame({ ...model, size: { columns: 100, rows: 24 } }).at(-1)).toMatch(/Esc.* stay.*q.* leave/)
  })
})
