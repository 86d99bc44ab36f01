// Bundles the program into dist/. Prints nothing unless it fails: `npm start -s -- env` is evaluated by shells.
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

export async function bundle() {
  rmSync('dist', { recursive: true, force: true })
  await build({
    entryPoints: { main: 'lab/main.ts', step: 'lab/step.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    jsx: 'automatic',
    sourcemap: 'linked',
    external: ['gitlab-ci-local'],
    logLevel: 'warning',
    // Bundled CommonJS packages call require().
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
}

if (process.argv[1] === import.meta.filename) await bundle()
