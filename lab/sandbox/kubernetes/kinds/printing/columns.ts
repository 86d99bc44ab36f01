import { modelOf } from '../model/model.ts'
import type { Json } from '../normalize.ts'

export type Column = {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'number' | 'date'
  readonly format: string
  readonly description: string
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number
}

/** How a kind is printed: its columns, and a row's cells in the same order. */
export type Printer = {
  readonly columns: readonly Column[]
  cells(object: Json, now: number): unknown[]
}

const column = (type: Column['type'], name: string, about: string, priority = 0): Column => ({
  name,
  type,
  format: '',
  description: /^V\d\w+\.\w+$/.test(about) ? docOf(about) : about,
  priority,
})

/** The documentation of `V1ConfigMap.data`, or of its type where the field has none of its own. */
function docOf(about: string): string {
  const [model = '', name = ''] = about.split('.')
  const field = modelOf(model).fields.get(name)
  return field?.doc || (field?.type.kind === 'object' ? modelOf(field.type.model).doc : '')
}

export const text = (name: string, about = ''): Column => column('string', name, about)
export const count = (name: string, about = ''): Column => column('integer', name, about)
export const flag = (name: string, about = ''): Column => column('boolean', name, about)
export const wide = (name: string, about = ''): Column => column('string', name, about, 1)

export const nameColumn = (): Column => ({ ...text('Name', 'V1ObjectMeta.name'), format: 'name' })
export const ageColumn = (): Column => text('Age', 'V1ObjectMeta.creationTimestamp')
export const createdColumn = (): Column => ({ ...text('Created At', 'V1ObjectMeta.creationTimestamp'), type: 'date' })

/** A printer whose columns are made when they are first asked for: their documentation is in the schemas. */
export function printer(columns: () => readonly Column[], cells: Printer['cells']): Printer {
  let made: readonly Column[] | undefined
  return {
    get columns() {
      made ??= columns()
      return made
    },
    cells,
  }
}
