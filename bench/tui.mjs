// Measures the terminal UI of the bundled program on a terminal of tmux, and prints it; asserts nothing.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sleep, terminalOf } from '../scripts/tmux.mjs'
import { baseline, median, ms, row, timed, usage } from './measure.mjs'

const bin = resolve('bin/gitops-lab.mjs')
const folder = mkdtempSync(join(tmpdir(), 'gl-bench-'))
const env = { ...process.env, HISTFILE: '', HOME: folder, LANG: 'C.UTF-8', TERM: 'xterm-256color' }
for (const name of Object.keys(env)) if (/^(CI|CI_.*|TMUX.*|XDG_.*)$/.test(name)) delete env[name]

const { tmux, screen, press, type, open, seen } = terminalOf(folder, env)

/** Presses Enter until the screen shows something. */
async function enterUntil(what) {
  while (!what.test(screen())) {
    press('Enter')
    await sleep(300)
  }
}

const course = join(folder, 'course')
const step = (name, text) => {
  execFileSync('mkdir', ['-p', join(course, name)])
  writeFileSync(join(course, name, 'step.md'), text)
}
execFileSync('mkdir', ['-p', course])
writeFileSync(
  join(course, 'lab.yaml'),
  'title: A bench\norder: [1-flood, 2-wait]\nintro: Short.\nfinish: Done.\nrequirements: [bash]\n',
)
step(
  '1-flood',
  `---
title: Flood
minutes: 1
goal: Much is written.
learnt: [Much]
---

## Flood {#flood kind=look}

\`\`\`sh run
for second in $(seq 1 12); do seq 1 5000; sleep 1; done
\`\`\`
`,
)
step(
  '2-wait',
  `---
title: Wait
minutes: 1
goal: Somebody came.
learnt: [Patience]
---

## Wait {#wait}

\`\`\`sh run
true
\`\`\`
`,
)
writeFileSync(
  join(course, '2-wait', 'checks.ts'),
  `import { check, defineChecks, pending } from 'gitops-lab/step'
export default defineChecks({
  wait: [check('somebody came', async (lab) => pending({ expected: 'somebody', found: 'nobody', actor: 'Godot', until: lab.clock.now() + 60_000 }))],
})
`,
)

try {
  baseline()
  const starts = []
  open(120, 40, folder)
  for (let at = 0; at < 5; at++) {
    type(`clear; node ${bin} --lab ${course}`)
    await sleep(200)
    press('Enter')
    starts.push(await seen(/Welcome/))
    await seen(/Enter (begin|go on)/)
    if (at < 4) {
      press('q')
      await seen(/comes back|\$ $/m)
    }
  }
  row('first frame, as seen through tmux', ms(median(starts)), '< 250 ms')
  await enterUntil(/Enter run it/)
  // Field 8 of a process's stat is the group in the foreground of its terminal (proc(5)).
  const shell = readFileSync(`/proc/${tmux('display', '-p', '#{pane_pid}').trim()}/stat`, 'utf8')
  const pid = Number(shell.replace(/^.*\) /, '').split(' ')[5])
  row('resident, nothing ran', `${usage(pid).rss.toFixed(0)} MB`, '< 120 MB')
  press('Enter')
  await seen(/runs, 2/)
  const keys = []
  const before = usage(pid)
  const from = performance.now()
  for (let at = 0; at < 10; at++) {
    press(at % 2 === 0 ? '?' : 'Escape')
    keys.push(await seen(at % 2 === 0 ? /▸ Help/ : /→ Flood/))
    await sleep(150)
  }
  const share = (usage(pid).cpu - before.cpu) / ((performance.now() - from) / 1000)
  row('key to frame, at 5,000 lines a second', ms(median(keys.filter((_, at) => at % 2 === 0))), '< 50 ms')
  row('of a core meanwhile', `${(share * 100).toFixed(0)} %`)
  row('resident, after that', `${usage(pid).rss.toFixed(0)} MB`, '< 120 MB')
  press('x')
  await seen(/cancelled/)
  await enterUntil(/→ Wait/)
  await enterUntil(/Godot/)
  await sleep(2000)
  const idle = usage(pid)
  await sleep(10_000)
  row('idle on a pending check', `${((usage(pid).cpu - idle.cpu) * 10).toFixed(1)} % of a core`, '< 5 %')
  row('resident at the end', `${usage(pid).rss.toFixed(0)} MB`, '< 120 MB')
  const help = () => execFileSync(process.execPath, [bin, '--help'], { env })
  row('--help', ms(median([1, 2, 3, 4, 5].map(() => timed(help)))))
  press('q')
  await seen(/comes back/)
} finally {
  try {
    execFileSync(process.execPath, [bin, '--lab', course, 'down'], { env })
  } finally {
    tmux('kill-server')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
