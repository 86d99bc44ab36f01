import type { Condition, ConditionType } from './application.ts'

/**
 * The conditions after some types were evaluated anew: theirs are replaced, the others stay. A condition that says
 * what one of its type said before keeps its time.
 */
export function setConditions(
  current: readonly Condition[],
  next: readonly Condition[],
  evaluated: readonly ConditionType[],
  now: string,
): Condition[] {
  const kept = current.filter(({ type }) => !evaluated.includes(type))
  const fresh = next.map(({ type, message }): Condition => {
    const before = current.find((other) => other.type === type && other.message === message)
    return { lastTransitionTime: before?.lastTransitionTime ?? now, message, type }
  })
  return [...kept, ...fresh].sort((a, b) => (`${a.type}/${a.message}` < `${b.type}/${b.message}` ? -1 : 1))
}

/** `Type: message;…`, as an operation that cannot start says why. */
export const formatConditions = (conditions: readonly Condition[]): string =>
  conditions.map(({ type, message }) => `${type}: ${message}`).join(';')
