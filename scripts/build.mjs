// Bundles the program into dist/. Prints nothing unless it fails: `npm start -s -- env` is evaluated by shells.
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

/** marked-terminal brings 190 languages and all emoji names, 2 MB of them; the UI paints code itself and names no emoji. */
const lean = {
  name: 'lean',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(cli-highlight|node-emoji)$/ }, ({ path }) => ({ path, namespace: 'lean' }))
    onLoad({ filter: /.*/, namespace: 'lean' }, () => ({
      contents: 'export const highlight = (code) => code; export const get = () => undefined',
    }))
  },
}

/** Bundles; `minify` for the package. Resolves with esbuild's metafile. */
export async function bundle({ minify = false } = {}) {
  rmSync('dist', { recursive: true, force: true })
  const { metafile } = await build({
    entryPoints: { main: 'lab/main.ts', step: 'lab/step.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    jsx: 'automatic',
    metafile: true,
    // Names stay: they are in stack traces.
    minifySyntax: minify,
    minifyWhitespace: minify,
    legalComments: 'none',
    sourcemap: minify ? false : 'linked',
    // Ink asks for its developer tools only when DEV is set, which is a fixed no here.
    external: ['gitlab-ci-local', 'react-devtools-core'],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    logLevel: 'warning',
    plugins: [lean],
    // Bundled CommonJS packages call require().
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  return metafile
}

if (process.argv[1] === import.meta.filename) await bundle()
