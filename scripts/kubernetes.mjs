// Starts the Kubernetes part of the sandbox alone: node scripts/kubernetes.mjs [--simulate GLOB]… [--image NAME=FOLDER]… [--nodes N] [--state DIR]
// A folder given as an image is its /app, and `npm start` its command. Prints the path of a kubeconfig; Ctrl-C stops it. Webernetes' sources need a bundler, hence esbuild.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const args = process.argv.slice(2)
const all = (name) => args.flatMap((arg, at) => (arg === name ? [args[at + 1]] : []))
const temporary = mkdtempSync(join(tmpdir(), 'kubernetes-'))
const state = all('--state')[0] ?? temporary

const bundle = join(root, 'dist', `kubernetes-${process.pid}.mjs`)
await build({
  stdin: {
    contents: `
      export { startKubernetes } from './lab/sandbox/kubernetes/index.ts'
      export { systemClock } from './lab/sandbox/core/clock.ts'
      export { Store } from './lab/sandbox/core/store.ts'`,
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile: bundle,
  external: ['@kubernetes/client-node', 'protobufjs', 'ws', 'yaml', '@peculiar/x509', 'tar-stream'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
  logLevel: 'error',
})
const { startKubernetes, systemClock, Store } = await import(pathToFileURL(bundle))
rmSync(bundle)

const images = new Map(
  all('--image').map((given, index) => {
    const [name, folder] = given.split('=')
    const rootfs = join(state, `image-${index}`)
    cpSync(resolve(folder), join(rootfs, 'app'), { recursive: true })
    const config = { config: { WorkingDir: '/app', Cmd: ['npm', 'start'] } }
    return [name, { digest: `sha256:${'0'.repeat(64)}`, config, rootfs }]
  }),
)

const kubernetes = await startKubernetes({
  store: Store.open(join(state, 'store.jsonl')),
  stateDir: state,
  clock: systemClock(),
  nodes: Number(all('--nodes')[0] ?? 1),
  builtInImages: [],
  pull: async (reference) => {
    const image = images.get(reference)
    if (image) return image
    throw new Error(`failed to resolve reference "${reference}": no registry runs here`)
  },
  simulateImages: all('--simulate'),
  fixedNames: {},
  kubectl: 'kubectl',
  log: (line) => console.error(line),
})
const kubeconfig = join(state, 'kubeconfig')
writeFileSync(kubeconfig, kubernetes.kubeconfig, { mode: 0o600 })
console.log(kubeconfig)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await kubernetes.stop()
    rmSync(temporary, { recursive: true, force: true })
    process.exit(0)
  })
}
