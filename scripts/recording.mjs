// Makes docs/demo.cast and docs/screens from a demo of the built-in course in a world of its own. What is recorded is
// the same each time but for ports, commits, images and how long things take.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
// The path is on the screen, so it is always the same one.
const home = '/tmp/gitops-lab-demo'
const program = join(root, 'bin', 'gitops-lab.mjs')

/** Runs a program to its end; its exit code. */
const run = (args, env) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env }).status

if (run([join(root, 'scripts', 'build.mjs')], process.env) !== 0) process.exit(1)
try {
  mkdirSync(home)
} catch {
  process.stderr.write(
    `expected  no ${home}, where the recorded world is made\nfound     it is there\nnext      Remove it\n`,
  )
  process.exit(1)
}
const env = { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' }
const recorded = ['--record', 'docs/demo.cast', '--stills', 'docs/screens', '--size', '110x30']
const code = run([program, 'demo', '--auto', '--speed', '10', '--pause', '0.8', ...recorded], env)
run([program, 'down'], env)
rmSync(home, { recursive: true, force: true, maxRetries: 5 })
process.exit(code ?? 1)
