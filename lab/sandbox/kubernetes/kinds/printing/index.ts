import type { KubeObject, Resource } from '../../types.ts'
import { type Column, createdColumn, nameColumn, type Printer, printer } from './columns.ts'
import { customPrinter } from './custom.ts'
import { networkingPrinters } from './networking.ts'
import { otherPrinters } from './others.ts'
import { podPrinter } from './pod.ts'
import { storagePrinters } from './storage.ts'
import { workloadPrinters } from './workloads.ts'

/** Kinds without columns of their own show when they were made. */
const plain = printer(
  () => [nameColumn(), createdColumn()],
  ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? '<unknown>'],
)

const printers: Readonly<Record<string, Printer>> = {
  '/Pod': podPrinter,
  ...workloadPrinters,
  ...networkingPrinters,
  ...otherPrinters,
  ...storagePrinters,
}

export type TableRows = { columnDefinitions: Column[]; rows: { cells: unknown[] }[] }

/** The columns and rows of a server-side Table; ages are as of `now` (milliseconds since the epoch). */
export function tableOf(resource: Resource, objects: readonly KubeObject[], now: number): TableRows {
  const own = resource.custom ? customPrinter(resource.custom) : printers[`${resource.group}/${resource.kind}`]
  const { columns, cells } = own ?? plain
  return { columnDefinitions: [...columns], rows: objects.map((object) => ({ cells: cells(object, now) })) }
}
