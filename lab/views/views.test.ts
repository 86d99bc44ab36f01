import { beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../engine/events.ts'
import { outlineOf } from '../engine/outline.ts'
import { reduce } from '../engine/reduce.ts'
import type { Row } from '../engine/report.ts'
import { initialState, type State } from '../engine/state.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { chainLines } from './chain.ts'
import { durationText } from './duration.ts'
import { jsonLinesView } from './jsonl.ts'
import { palette, wantsColours } from './palette.ts'
import { plainView } from './plain.ts'
import { rowLines } from './rows.ts'

let initial: State
beforeAll(async () => {
  initial = initialState(outlineOf(await fixtureCourse()))
})

const EVENTS: readonly Event[] = [
  { kind: 'session-started', version: '1', course: 'A lab for tests' },
  { kind: 'task-entered', task: 'files/greet' },
  { kind: 'probe-started' },
  {
    kind: 'checked',
    task: 'files/greet',
    results: { 'the file greets': { verdict: { kind: 'blocked', expected: 'a', found: 'none', next: 'c' } } },
  },
  { kind: 'action-started', task: 'files/greet', action: 'greet', run: 1 },
  { kind: 'output', run: 1, chunk: 'hel' },
  { kind: 'output', run: 1, chunk: 'lo\r\n\u001b[31mred\u001b[0m\u0007 10%\r 20%\nrest' },
  { kind: 'action-ended', task: 'files/greet', action: 'greet', run: 1, outcome: 'failed', code: 7 },
  {
    kind: 'checked',
    task: 'files/greet',
    results: { 'the file greets': { verdict: { kind: 'blocked', expected: 'a', found: 'less', next: 'c' } } },
  },
  { kind: 'hint-revealed', task: 'files/greet' },
  {
    kind: 'checked',
    task: 'files/greet',
    results: { 'the file greets': { verdict: { kind: 'passed', evidence: 'e' } } },
  },
  { kind: 'task-passed', task: 'files/greet', evidence: [{ check: 'the file greets', text: 'e' }] },
  { kind: 'observed', text: 'Application a/b: Synced → OutOfSync' },
  { kind: 'nudged', did: ['asked'] },
  { kind: 'noted', name: 'x', value: 1 },
  { kind: 'snapshot-taken', name: 's' },
  { kind: 'snapshot-restored', name: 's' },
  { kind: 'problem', message: 'disk full' },
  { kind: 'probe-stopped', report: { startedAt: 0, stoppedAt: 1, served: 5, lost: 0 } },
  { kind: 'finished' },
]

function play(colours: boolean): string {
  let text = ''
  const view = plainView({
    write: (chunk) => {
      text += chunk
    },
    colours,
    now: () => 0,
  })
  let state = initial
  for (const [at, event] of EVENTS.entries()) {
    const recorded = { seq: at + 1, at, event }
    state = reduce(state, recorded)
    view.event(recorded, state)
  }
  return text
}

describe('the plain view', () => {
  it('tells what happens, a line each', () => {
    expect(play(false).split('\n')).toEqual([
      '',
      'Step 1: Files',
      '',
      'Greet files/greet',
      'the availability probe runs',
      '  $ cd "$LAB_DIR"',
      '    echo "$GREETING" >greeting.txt',
      '  | hello',
      '  |  20%',
      '  | rest',
      '  failed (exit code 7)',
      'blocked  1-files/greet  the file greets: less',
      'hint      `echo hello >greeting.txt`',
      'passed   1-files/greet  the file greets (e)',
      'observed  Application a/b: Synced → OutOfSync',
      'nudged    asked',
      'snapshot  s taken',
      'snapshot  s put back',
      'problem   disk full',
      'the availability probe ended: 5 served, 0 lost',
      '',
      'Every check passed.',
      '',
    ])
  })

  it('says the same with colours as without', () => {
    const coloured = play(true)
    expect(coloured).toContain('\u001b[32mpassed  \u001b[39m')
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(play(false))
  })
})

describe('verdicts', () => {
  const row = { step: '3-argocd', task: 'install', check: 'it runs' }
  it.each<[Row, boolean, string[]]>([
    [{ ...row, verdict: 'passed' }, false, ['passed   3-argocd/install  it runs']],
    [
      { ...row, verdict: 'pending', expected: 'a', found: 'b', actor: 'Argo CD', until: '1970-01-01T00:01:12.000Z' },
      false,
      ['pending  3-argocd/install  it runs: b; Argo CD acts next, in 1:12 at the latest'],
    ],
    [
      { ...row, verdict: 'pending', expected: 'a', found: 'b', actor: 'GitLab' },
      true,
      [
        'pending  3-argocd/install  it runs',
        '  expected  a',
        '  found     b',
        '  waits for GitLab acts next',
        '  next      Nothing to do for you: wait',
      ],
    ],
    [
      { ...row, verdict: 'blocked', expected: 'a', found: 'b\nc', cause: { id: 'x', text: 'why' }, next: 'do' },
      false,
      [
        'blocked  3-argocd/install  it runs',
        '  expected  a',
        '  found     b',
        '            c',
        '  cause     why',
        '  next      do',
      ],
    ],
  ])('%j', (given, full, expected) => expect(rowLines(given, palette(false), 0, full)).toEqual(expected))
})

it.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [9999, '10.0 s'],
  [59_400, '59 s'],
  [72_000, '1:12'],
  [3_723_000, '1:02:03'],
])('durationText(%d)', (ms, text) => expect(durationText(ms)).toBe(text))

it.each([
  [true, {}, true],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, {}, false],
])('wantsColours(%j, %j)', (terminal, env, expected) => expect(wantsColours(terminal, env)).toBe(expected))

it('JSON lines are one value a line', () => {
  let text = ''
  const view = jsonLinesView((chunk) => {
    text += chunk
  })
  view.event({ seq: 1, at: 2, event: { kind: 'output', run: 1, chunk: 'a\nb' } }, initial)
  view.note('n')
  expect(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toEqual([{ seq: 1, at: 2, event: { kind: 'output', run: 1, chunk: 'a\nb' } }, { note: 'n' }])
})

describe('chainLines', () => {
  it('tells what each station holds, who acts, and when', () => {
    const lines = chainLines(
      {
        links: [
          { id: 'a', title: 'Commit', state: 'done', what: 'abcd', note: 'Add it' },
          { id: 'b', title: 'Config commit', state: 'waiting', actor: 'Flux', action: 'scan', due: 65_000 },
          { id: 'c', title: 'Pods', state: 'unknown' },
        ],
      },
      palette(false),
      0,
    )
    expect(lines).toEqual([
      'Commit         done     abcd  (Add it)',
      'Config commit  waiting  Flux: scan, in 1:05 at the latest',
      'Pods           -      ',
    ])
  })

  it('says why it cannot be told', () => {
    expect(chainLines({ links: [], problem: 'boom' }, palette(false), 0)).toEqual([
      'it cannot be told where the last change is: boom',
    ])
  })
})
