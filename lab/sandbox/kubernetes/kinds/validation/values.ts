import type { FieldError } from '../../types.ts'
import { invalid, notSupported, required } from '../field-error.ts'
import { goJson } from '../go-json.ts'
import type { Json } from '../normalize.ts'
import { labelErrors } from './metadata.ts'
import {
  labelMessages,
  labelValueMessages,
  portNameMessages,
  portNumberMessages,
  qualifiedNameMessages,
} from './names.ts'

export const same = (a: unknown, b: unknown): boolean => goJson(a) === goJson(b)

/** Nothing, or that a number is below zero. */
export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value !== null && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : []
}

export function immutable(field: string, value: unknown, old: unknown): FieldError[] {
  return same(value, old) ? [] : [invalid(field, value ?? null, 'field is immutable')]
}

/** One of some words; absent counts as wrong when `needed`. */
export function oneOf(
  field: string,
  value: string | undefined,
  values: readonly string[],
  needed = false,
): FieldError[] {
  if (!value) return needed ? [required(field)] : []
  return values.includes(value) ? [] : [notSupported(field, value, values)]
}

export function dnsLabel(field: string, value: string): FieldError[] {
  return labelMessages(value).map((text) => invalid(field, value, text))
}

/** A port by number or by name. */
export function portErrors(field: string, port: number | string | undefined): FieldError[] {
  if (typeof port === 'string') return portNameMessages(port).map((text) => invalid(field, port, text))
  return portNumberMessages(port ?? 0).map((text) => invalid(field, port ?? 0, text))
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist']

export function selectorErrors(selector: Json, path: string): FieldError[] {
  const errors = labelErrors(selector.matchLabels, `${path}.matchLabels`)
  ;(selector.matchExpressions ?? []).forEach(({ key, operator, values }: Json, at: number) => {
    const place = `${path}.matchExpressions[${at}]`
    if (!OPERATORS.includes(operator))
      errors.push(invalid(`${place}.operator`, operator ?? '', 'not a valid selector operator'))
    else if (['In', 'NotIn'].includes(operator)) {
      if (!values?.length) {
        errors.push(required(`${place}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    } else if (values?.length) {
      errors.push({
        field: `${place}.values`,
        reason: 'FieldValueForbidden',
        message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      })
    }
    for (const text of qualifiedNameMessages(key ?? '')) errors.push(invalid(`${place}.key`, key ?? '', text))
    ;(values ?? []).forEach((value: string, index: number) => {
      for (const text of labelValueMessages(value)) errors.push(invalid(`${place}.values[${index}]`, value, text))
    })
  })
  return errors
}

/** Whether labels match a LabelSelector; an absent one matches nothing, an empty one everything. */
export function selectorMatches(selector: Json, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined || selector === null) return false
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }: Json) => {
      const value = labels[key]
      if (operator === 'In') return value !== undefined && values.includes(value)
      if (operator === 'NotIn') return value === undefined || !values.includes(value)
      return operator === 'Exists' ? value !== undefined : value === undefined
    })
  )
}

const PERCENT = /^[0-9]+%$/

/** A whole number that is not negative, or a percentage. */
export function numberOrPercent(field: string, value: number | string | undefined): FieldError[] {
  if (value === undefined) return []
  if (typeof value === 'number') return nonNegative(field, value)
  if (PERCENT.test(value)) return []
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
  return [invalid(field, value, detail)]
}
