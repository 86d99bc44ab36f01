// Measures the bundled program as a user meets it, and prints the machine's own baseline beside it. Asserts nothing.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { baseline, median, ms, row, timed, usage } from './measure.mjs'

const bin = resolve('bin/gitops-lab.mjs')
const home = mkdtempSync(join(tmpdir(), 'gitops-lab-bench-'))
const env = { ...process.env, HOME: home, XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') }

const lab = (...args) => spawnSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' })

try {
  baseline()

  console.log('\nthe program')
  const often = (act) => ms(median(Array.from({ length: 9 }, () => timed(act))))
  row(
    '--version',
    often(() => lab('--version')),
    '< 100 ms',
  )
  row(
    '--help',
    often(() => lab('--help')),
    '< 120 ms',
  )
  row('sandbox up, from nothing', ms(timed(() => lab('sandbox', 'up'))), '< 1000 ms beyond the start of two processes')
  const pid = Number(JSON.parse(readFileSync(join(env.XDG_STATE_HOME, 'gitops-lab', 'serve.json'), 'utf8')).pid)
  row('resident after start', `${usage(pid).rss.toFixed(0)} MB`)
  row(
    'check, against a running world',
    often(() => lab('check')),
    '< 400 ms',
  )

  const lines = []
  const whole = await new Promise((done) => {
    const start = performance.now()
    const child = spawn(process.execPath, [bin, 'run'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.setEncoding('utf8').on('data', (chunk) => lines.push(chunk))
    child.on('close', (code) => done({ code, time: performance.now() - start }))
  })
  row(`run, all steps (exit code ${whole.code})`, `${(whole.time / 1000).toFixed(1)} s`, '< 30 s on 2 cores')
  for (const line of lines
    .join('')
    .split('\n')
    .filter((text) => /^(push to served|requests) /.test(text)))
    console.log(`  ${line.trim()}`)
  row('resident after the run', `${usage(pid).rss.toFixed(0)} MB`, '< 250 MB')

  const before = usage(pid)
  await new Promise((done) => setTimeout(done, 20_000))
  row('idle, over 20 s', `${(((usage(pid).cpu - before.cpu) / 20) * 100).toFixed(1)} % of a core`, '< 2 %')
} finally {
  lab('down')
  rmSync(home, { recursive: true, force: true })
}
