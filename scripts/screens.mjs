// Writes docs/screens.md: what the bundled terminal UI shows, captured in tmux while the course is done.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sleep, terminalOf } from './tmux.mjs'

const bin = resolve('bin/gitops-lab.mjs')
const folder = mkdtempSync(join(tmpdir(), 'gl-screens-'))
const home = join(folder, 'you')
const env = { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', HISTFILE: '' }
execFileSync('mkdir', [home])

const { tmux, screen, press, type, open, seen } = terminalOf(folder, env)

/** Presses Enter where it is offered, until the screen shows something. */
async function goOnUntil(what) {
  for (let at = 0; at < 600 && !what.test(screen()); at++) {
    const footer = screen().trimEnd().split('\n').at(-1)
    if (footer.includes('Enter ')) press('Enter')
    await sleep(450)
  }
  if (!what.test(screen())) throw new Error(`never led to ${what}\n${screen()}`)
}

const sections = []
/** Keeps what the screen shows; the folder of this run becomes the reader's. */
function keep(title, text) {
  const lines = screen()
    .replaceAll(home, '/home/you')
    .replaceAll(`node ${bin}`, 'gitops-lab')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
    .split('\n')
    .map((line) => line.trimEnd())
  sections.push(`## ${title}\n\n${text}\n\n\`\`\`text\n${lines.join('\n').trimEnd()}\n\`\`\`\n`)
}

const start = () => {
  open(80, 24, home)
  type(`node ${bin}`)
  press('Enter')
}

try {
  start()
  await seen(/Welcome/)
  keep('The first page', 'What will happen, what it needs, what it touches. The sandbox starts behind it.')
  await goOnUntil(/Enter begin/)
  keep('Ready', 'The tools were found, and the sandbox is up.')
  await goOnUntil(/→ The tools/)
  keep('A step begins', 'Enter reads on, and runs a command only once all of it was on the screen.')
  await goOnUntil(/→ Flux/)
  await goOnUntil(/Enter run it/)
  keep('A command that waits for Enter', 'The footer shows only keys that do something now.')
  press('Enter')
  await seen(/runs, 1/)
  keep('A command that runs', 'Output as it comes, who is waited for, and how long.')
  await goOnUntil(/2\/5 GitLab repositories → Push the app/)
  await goOnUntil(/Enter run it/)
  press('h')
  await sleep(300)
  press('Enter')
  await seen(/waits for/)
  keep('Somebody else acts next', 'Pending: who, on what, and by when. The last row above the keys follows the change.')
  await goOnUntil(/all passed/)
  keep('A task that passed', 'It stays on the screen until you go on.')
  press('w')
  await seen(/▸ Why/)
  keep('Why', 'The verdicts in full.')
  press('q')
  await seen(/→ Push the app/)
  press('g')
  await seen(/Look at another task/)
  keep('Another task', 'Looking changes nothing.')
  press('q')
  await seen(/→ Push the app/)
  press('?')
  await seen(/▸ Help/)
  keep('Help', 'The same list that the keyboard goes by.')
  press('q')
  await seen(/→ Push the app/)
  tmux('resize-window', '-x', '120', '-y', '40')
  await seen(/Progress/)
  keep('From 120 columns', 'Text and output at the left; progress, the last change and the checks at the right.')
  tmux('resize-window', '-x', '60', '-y', '15')
  await sleep(500)
  keep('From 60 columns', 'One pane at a time; Tab leads to the next.')
  press('q')
  await seen(/comes back/)
  keep('After leaving', 'What stays in the terminal.')
  tmux('kill-server')
  execFileSync(process.execPath, [bin, 'run'], { env, stdio: 'ignore' })
  start()
  await goOnUntil(/The end/)
  press('Home')
  await sleep(300)
  keep('The end', 'What was built, in numbers and as a picture.')
  press('q')
  await seen(/up to 8 hours/)
  writeFileSync(
    'docs/screens.md',
    `# Screens\n\nWhat \`gitops-lab\` shows in a terminal. Written by \`node scripts/screens.mjs\` from the real program.\n\n${sections.join('\n')}`,
  )
} finally {
  execFileSync(process.execPath, [bin, 'down'], { env })
  tmux('kill-server')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
