import { spawn } from 'node:child_process'
import type { ReadByShell } from '../prove/syntax.ts'

/** Has a shell read a script without running it, which is what `-n` does. */
export const readByShell: ReadByShell = (shell, script) =>
  new Promise((resolve) => {
    const child = spawn(shell, ['-n'], { stdio: ['pipe', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] } })
    let error = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      error += chunk
    })
    child.on('error', () => resolve({ absent: true }))
    child.on('close', (code) => resolve(code === 0 ? {} : { error: error.trim().split('\n')[0] }))
    child.stdin.on('error', () => {})
    child.stdin.end(`${script}\n`)
  })
