// `npm start`: runs the bundle, made anew when a source is newer.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const newest = (path) =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
    : statSync(path).mtimeMs

process.chdir(join(import.meta.dirname, '..'))
const built = existsSync('dist/main.js') ? statSync('dist/main.js').mtimeMs : 0
if (Math.max(newest('lab'), statSync('package.json').mtimeMs) > built) {
  const { bundle } = await import('./build.mjs')
  await bundle()
}
const child = spawn(process.execPath, ['bin/gitops-lab.mjs', ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
