import type { LabelSelector } from '../../core/kube-objects.ts'

/** A selector that cannot be read. */
export class InvalidSelector extends Error {
  override readonly name = 'InvalidSelector'
}

/** A label selector as the `labelSelector` parameter writes it. @throws InvalidSelector */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    if ((operator === 'In' || operator === 'NotIn') && values.length > 0) {
      return `${key} ${operator.toLowerCase()} (${values.join(',')})`
    }
    const why = /^(Not)?In$/.test(operator)
      ? `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`
      : `"${operator}" is not a valid label selector operator`
    throw new InvalidSelector(`failed to parse policy selector: ${why}`)
  })
  return [...equal, ...expressions].join(',')
}
