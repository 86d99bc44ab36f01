#!/usr/bin/env node
// Only what Node 12 can read, so that an old Node says what it lacks instead of failing at syntax.
const version = process.version.slice(1).split('.').map(Number)
const complaint =
  process.platform === 'win32'
    ? 'gitops-lab runs on Linux and macOS; on Windows, run it inside WSL 2'
    : version[0] < 20 || (version[0] === 20 && version[1] < 19)
      ? `gitops-lab needs Node.js 20.19 or newer; this is ${process.version}: https://nodejs.org has it`
      : undefined
if (complaint !== undefined) {
  process.stderr.write(`${complaint}\n`)
  process.exitCode = 1
} else import('../dist/main.js')
