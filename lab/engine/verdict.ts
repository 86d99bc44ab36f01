/** Why a check does not pass, as far as it can be told. `id` is stable, for programs; `text` is for people. */
export type Cause = { readonly id: string; readonly text: string }

/** What a check says of the world. There is no bare "failed". */
export type Verdict =
  | { readonly kind: 'passed'; readonly evidence?: string }
  | {
      /** Nothing for the learner to do: somebody else acts next. */
      readonly kind: 'pending'
      readonly expected: string
      readonly found: string
      /** Who acts next, as its documentation spells it. */
      readonly actor: string
      /** What the actor waits for or does. */
      readonly on?: string
      readonly cause?: Cause
      /** When it acts at the latest, in milliseconds since the epoch, if anybody knows. */
      readonly until?: number
      /** What shortens the wait, if anything. */
      readonly next?: string
    }
  | {
      /** The learner has to act. */
      readonly kind: 'blocked'
      readonly expected: string
      readonly found: string
      readonly cause?: Cause
      /** What to do next, as one imperative sentence, a command where there is one. */
      readonly next: string
    }
  | {
      /** The check itself failed: the lab is broken, not the learner. */
      readonly kind: 'broken'
      readonly message: string
    }

type Shape = Readonly<Record<string, 'string' | 'number' | 'cause' | 'string?' | 'number?' | 'cause?'>>

const SHAPES: Readonly<Record<Verdict['kind'], Shape>> = {
  passed: { evidence: 'string?' },
  pending: {
    expected: 'string',
    found: 'string',
    actor: 'string',
    on: 'string?',
    cause: 'cause?',
    until: 'number?',
    next: 'string?',
  },
  blocked: { expected: 'string', found: 'string', cause: 'cause?', next: 'string' },
  broken: { message: 'string' },
}

export const isCause = (value: unknown): value is Cause =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Cause).id === 'string' &&
  typeof (value as Cause).text === 'string'

/** What a check returned as a verdict with its own fields alone, or undefined if it is none: anybody writes checks. */
export function verdictOf(value: unknown): Verdict | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given = value as Readonly<Record<string, unknown>>
  const kind = given['kind'] as Verdict['kind']
  if (!Object.hasOwn(SHAPES, kind)) return undefined
  const verdict: Record<string, unknown> = { kind }
  for (const [field, type] of Object.entries(SHAPES[kind])) {
    const said = given[field] ?? undefined
    if (said === undefined && type.endsWith('?')) continue
    if (type.startsWith('cause') ? !isCause(said) : typeof said !== type.replace('?', '')) return undefined
    verdict[field] = said
  }
  return verdict as Verdict
}

export type VerdictKind = Verdict['kind']

export const passed = (evidence?: string): Verdict => ({ kind: 'passed', evidence })
export const pending = (verdict: Omit<Extract<Verdict, { kind: 'pending' }>, 'kind'>): Verdict => ({
  kind: 'pending',
  ...verdict,
})
export const blocked = (verdict: Omit<Extract<Verdict, { kind: 'blocked' }>, 'kind'>): Verdict => ({
  kind: 'blocked',
  ...verdict,
})

const SEVERITY: Record<VerdictKind, number> = { broken: 3, blocked: 2, pending: 1, passed: 0 }

/** The verdict that matters most: broken, blocked, pending, passed. */
export const worstOf = (kinds: readonly VerdictKind[]): VerdictKind =>
  kinds.reduce((worst, kind) => (SEVERITY[kind] > SEVERITY[worst] ? kind : worst), 'passed')

/** The exit code of `check`: 0 passed, 1 blocked, 2 pending, 3 the lab itself is broken; of the worst verdict. */
export const exitCodeOf = (kinds: readonly VerdictKind[]): 0 | 1 | 2 | 3 =>
  (({ passed: 0, blocked: 1, pending: 2, broken: 3 }) as const)[worstOf(kinds)]
