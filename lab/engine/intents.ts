/** What somebody wants to happen. Tasks are named by their key, `<slug>/<id>`. */
export type Intent =
  | { readonly kind: 'run'; readonly task: string; readonly action: string }
  /** The learner made an edit themselves. It is taken for done, right or not: the checks decide. */
  | { readonly kind: 'made'; readonly task: string; readonly action: string }
  /** Without `run`: the command in the foreground. */
  | { readonly kind: 'cancel'; readonly run?: number }
  /** `now`: evaluate afresh what has passed too. */
  | { readonly kind: 'check'; readonly tasks: readonly string[]; readonly now?: boolean }
  /** Go on from a task that is only looked at. */
  | { readonly kind: 'next' }
  | { readonly kind: 'enter'; readonly task: string }
  | { readonly kind: 'hint'; readonly task: string }
  | { readonly kind: 'nudge' }
  | { readonly kind: 'snapshot'; readonly name: string }
  | { readonly kind: 'restore'; readonly name: string }
  /** Save the world, then put a drill's fault into it. */
  | { readonly kind: 'drill'; readonly drill: string }
  | { readonly kind: 'drill-hint'; readonly drill: string }
  /** Put the world back to what it was before the latest drill. */
  | { readonly kind: 'undo-drill' }

/** Whether an intent was carried out; `why` says what stood against it and what to do. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly why: string }
