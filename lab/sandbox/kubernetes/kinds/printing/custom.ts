import type { CustomResource } from '../../types.ts'
import { goJson } from '../go-json.ts'
import type { Json } from '../normalize.ts'
import { ageColumn, type Column, nameColumn, type Printer } from './columns.ts'
import { jsonPath } from './json-path.ts'
import { since } from './values.ts'

const printers = new WeakMap<CustomResource, Printer>()

/** Prints a custom resource in the columns of its definition: its name and its age where there are none. */
export function customPrinter(custom: CustomResource): Printer {
  let printer = printers.get(custom)
  if (!printer) {
    printer = build(custom.columns)
    printers.set(custom, printer)
  }
  return printer
}

function build(columns: CustomResource['columns']): Printer {
  const shown = columns.length > 0 ? columns : [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }]
  const definitions = shown.map((column): Column => {
    const about = column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`
    const { name, type, priority = 0 } = column
    return {
      name,
      type: type as Column['type'],
      format: '',
      description: columns.length > 0 ? about : ageColumn().description,
      priority,
    }
  })
  return {
    columns: [nameColumn(), ...definitions],
    cells: (object, now) => [
      object.metadata.name,
      ...shown.map(({ type, jsonPath: path }) => cell(type, path, object, now)),
    ],
  }
}

/** Null where there is no value, or one of another type than the column's. */
function cell(type: string, path: string, object: Json, now: number): unknown {
  const [value] = jsonPath(path, object)
  if (value === undefined || value === null) return null
  switch (type) {
    case 'date':
      return typeof value === 'string' ? since(value, now) : null
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    default:
      return typeof value === 'object' ? goJson(value) : String(value)
  }
}
