// Measures how steadily a demo types a command of 80 characters: the frames of a recording of it. Asserts nothing.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import xterm from '@xterm/headless'
import { baseline, median, ms, row } from './measure.mjs'

const bin = resolve('bin/gitops-lab.mjs')
const home = mkdtempSync(join(tmpdir(), 'gl-bench-'))
const course = join(home, 'course')
const env = { PATH: process.env.PATH, HOME: home }
const lab = (...args) => spawnSync(process.execPath, [bin, '--lab', course, ...args], { env, encoding: 'utf8' })

// Each begins differently, so that a screen tells which of them is typed.
const COMMANDS = ['one', 'two', 'six', 'zero'].map((word) =>
  `${word}="a command that is typed as by a hand, a character after the other`.padEnd(79, '.').concat('"'),
)
mkdirSync(join(course, '1-type'), { recursive: true })
writeFileSync(
  join(course, 'lab.yaml'),
  'title: A bench\norder: [1-type]\nintro: Short.\nfinish: Done.\nrequirements: [bash]\n',
)
writeFileSync(
  join(course, '1-type', 'step.md'),
  `---\ntitle: Type\nminutes: 1\ngoal: It is typed.\nlearnt: [Patience]\n---\n\n## Type {#type kind=look}\n\n${COMMANDS.map((command) => `\`\`\`sh run\n${command}\n\`\`\`\n`).join('\n')}`,
)

/** When each frame of typing came on the screen, by command, in seconds; each showed more of it than the one before. */
async function typing(file, columns, rows) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  const frames = COMMANDS.map(() => [])
  const shown = COMMANDS.map(() => 0)
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)) {
    const [at, , bytes] = JSON.parse(line)
    await new Promise((done) => terminal.write(bytes, done))
    const screen = Array.from({ length: rows }, (_, y) => terminal.buffer.active.getLine(y).translateToString()).join(
      '',
    )
    COMMANDS.forEach((command, which) => {
      const length = [...command].findLastIndex((_, end) => screen.includes(`$ ${command.slice(0, end + 1)}`)) + 1
      if (length > shown[which]) frames[which].push(at)
      shown[which] = Math.max(length, shown[which])
    })
  }
  return frames
}

try {
  baseline()
  for (const [speed, target] of [
    [1, 'a hand types 20 characters a second, and rests between words'],
    [6, '30 frames a second: each has something new'],
  ]) {
    const file = join(home, `${speed}.cast`)
    const options = ['--auto', '--pause', '0', '--speed', String(speed), '--record', file, '--size', '200x40']
    const { status, stderr } = lab('demo', ...options)
    if (status !== 0) throw new Error(stderr)
    const gaps = (await typing(file, 200, 40)).map((times) => times.slice(1).map((at, n) => (at - times[n]) * 1000))
    const rates = gaps.map((all) => 1000 / (all.reduce((sum, gap) => sum + gap, 0) / all.length))
    console.log(`\ntyping at --speed ${speed}: ${target}`)
    row('frames a second, median of the commands', median(rates).toFixed(1))
    row('frames a second, the slowest command', Math.min(...rates).toFixed(1))
    row('between two frames, median', ms(median(gaps.flat())))
    row('between two frames, longest', ms(Math.max(...gaps.flat())))
    lab('reset', '--yes')
  }
} finally {
  lab('down')
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
