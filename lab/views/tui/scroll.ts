/** Where a pane of rows is scrolled to. `follow` keeps its end in sight until somebody scrolls up. */
export type Scroll = { readonly offset: number; readonly follow: boolean }

export type Extent = { readonly total: number; readonly height: number }

export const TOP: Scroll = { offset: 0, follow: false }
export const END: Scroll = { offset: 0, follow: true }

const last = ({ total, height }: Extent): number => Math.max(0, total - height)

/** The first row that is shown. */
export const firstRow = ({ offset, follow }: Scroll, extent: Extent): number =>
  follow ? last(extent) : Math.max(0, Math.min(offset, last(extent)))

/** Scrolls by rows. Only a pane that follows by nature goes on following when its end is reached. */
export function scrollBy(scroll: Scroll, rows: number, extent: Extent, follows: boolean): Scroll {
  const offset = Math.max(0, Math.min(firstRow(scroll, extent) + rows, last(extent)))
  return { offset, follow: follows && offset === last(extent) }
}

/** Scrolls as little as needed to show these rows, their first before their last. */
export function scrollTo(scroll: Scroll, { from, to }: { from: number; to: number }, extent: Extent): Scroll {
  const first = firstRow(scroll, extent)
  if (from >= first && to <= first + extent.height) return scroll
  const wanted = from < first || to - from > extent.height ? from : to - extent.height
  return { offset: Math.max(0, Math.min(wanted, last(extent))), follow: false }
}
