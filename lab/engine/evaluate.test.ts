import { describe, expect, it } from 'vitest'
import { ManualClock } from '../sandbox/core/clock.ts'
import { fakeEnvironment } from '../testing/fake-environment.ts'
import type { Check } from './course.ts'
import { evaluate } from './evaluate.ts'
import type { Lab } from './ports.ts'
import { Reads } from './reads.ts'
import { blocked, passed } from './verdict.ts'

const never = new AbortController().signal
const clock = new ManualClock(Date.UTC(2026, 0, 1))
const { lab } = fakeEnvironment()

const checkOf = (run: (lab: Lab) => unknown, diagnose?: (lab: Lab) => unknown): Check =>
  ({ name: 'it is so', mode: 'level', run, diagnose }) as Check
const labOf = (reads: Reads): Lab => ({ ...lab, ...reads.fresh() }) as Lab
const ask = (check: Check, reads = new Reads(lab, clock)) => evaluate(check, () => labOf(reads), clock, never)

describe('evaluate', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a boolean', true],
    ['an unknown kind', { kind: 'perhaps' }],
    ['a blocked without a next move', { kind: 'blocked', expected: 'a', found: 'b' }],
    ['a number where text belongs', { kind: 'pending', expected: 'a', found: 1, actor: 'c' }],
    ['a cause without an id', { kind: 'blocked', expected: 'a', found: 'b', next: 'c', cause: { text: 'd' } }],
  ])('says broken when a check returns %s', async (_, said) => {
    const { verdict } = await ask(checkOf(async () => said))
    expect(verdict).toMatchObject({
      kind: 'broken',
      message: expect.stringMatching(/^the check returned .*no verdict/),
    })
  })

  it('says broken when a check that is no promise throws or returns, and keeps fields of verdicts alone', async () => {
    const thrown = await ask(
      checkOf(() => {
        throw new Error('boom')
      }),
    )
    expect(thrown.verdict).toEqual({ kind: 'broken', message: 'boom' })
    const extra = await ask(checkOf(() => ({ kind: 'passed', evidence: 'e', big: 1n })))
    expect(extra.verdict).toEqual({ kind: 'passed', evidence: 'e' })
  })

  it('says so when a diagnosis is nonsense, and leaves the verdict', async () => {
    const no = blocked({ expected: 'a', found: 'b', next: 'c' })
    const { verdict, diagnosis } = await ask(
      checkOf(
        async () => no,
        async () => 'because',
      ),
    )
    expect(verdict).toEqual(no)
    expect(diagnosis).toMatchObject({ cause: { id: 'diagnosis-failed' }, next: 'c' })
  })

  it.each([
    ['refuses', Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['fails to be fetched', new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }), 'ECONNRESET'],
    ['has a gateway error', new Error('the cluster answered 503: no'), 'HTTP 503'],
  ])('waits for a cluster that %s, since the first time', async (_, error, how) => {
    let fails = true
    const kube = { ...lab.kube, get: async () => (fails ? Promise.reject(error) : undefined) }
    const reads = new Reads({ ...lab, kube }, clock)
    const check = checkOf((given) => given.kube.get('pods', 'a').then(() => passed()))
    const first = await ask(check, reads)
    const since = new Date(clock.now()).toTimeString().slice(0, 8)
    await clock.advance(60_000)
    expect(await ask(check, reads)).toEqual(first)
    expect(first.verdict).toMatchObject({
      kind: 'pending',
      actor: 'the cluster',
      found: `the cluster does not answer since ${since}: ${how}`,
    })
    fails = false
    expect((await ask(check, reads)).verdict.kind).toBe('passed')
  })

  it('waits for a GitLab that hangs, and does not take an error of its own for silence', async () => {
    const gitlab = { ...lab.gitlab, project: () => new Promise<never>(() => {}) }
    const hanging = ask(
      checkOf((given) => given.gitlab.project('a').then(() => passed())),
      new Reads({ ...lab, gitlab }, clock),
    )
    await new Promise(setImmediate)
    await clock.advance(10_000)
    expect((await hanging).verdict).toMatchObject({ kind: 'pending', actor: 'GitLab' })
    const wrong = { ...lab.gitlab, project: () => Promise.reject(new Error('the cluster answered 500: no')) }
    const other = await ask(
      checkOf((given) => given.gitlab.project('a').then(() => passed())),
      new Reads({ ...lab, gitlab: wrong }, clock),
    )
    expect(other.verdict.kind).toBe('broken')
  })

  it('reads once what several checks ask within one evaluation', async () => {
    let reads = 0
    const kube = { ...lab.kube, get: async () => void reads++ }
    const shared = new Reads({ ...lab, kube }, clock)
    const readers = shared.fresh()
    await Promise.all([readers.kube.get('pods', 'a'), readers.kube.get('pods', 'a'), readers.kube.get('pods', 'b')])
    expect(reads).toBe(2)
    await shared.fresh().kube.get('pods', 'a')
    expect(reads).toBe(3)
  })
})
