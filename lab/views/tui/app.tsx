import { Box, type Instance, render, Transform } from 'ink'
import { memo, useSyncExternalStore } from 'react'
import { frame } from './frame.ts'
import type { Model } from './model.ts'
import type { Store } from './store.ts'

/**
 * One row of the screen, which `frame` made no wider than it. Ink 6.8 keeps every text that it ever measured: it
 * measures the blank, and is given the row when it writes.
 */
const Row = memo(({ text }: { readonly text: string }) => <Transform transform={() => text}> </Transform>)

function App({ store }: { readonly store: Store<Model> }) {
  const model = useSyncExternalStore(store.subscribe, store.snapshot)
  const rows = frame(model)
  return (
    <Box flexDirection="column" width={model.size.columns} height={rows.length}>
      {rows.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
        <Row key={at} text={text} />
      ))}
    </Box>
  )
}

/** Draws the model on a terminal whenever the store publishes it. */
export function draw(
  store: Store<Model>,
  { stdin, stdout }: { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream },
): Pick<Instance, 'unmount' | 'waitUntilExit'> {
  return render(<App store={store} />, {
    stdin,
    stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: false,
    // Ink 6.8 then writes each frame whole and at once: the store paces, and the painter finds out what changed.
    debug: true,
  })
}
