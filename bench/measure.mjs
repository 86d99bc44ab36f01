// What the benchmarks share: the machine's baseline, medians, a process's cost, and how rows are printed.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

export const row = (name, value, target = '') =>
  console.log(`${name.padEnd(52)} ${String(value).padStart(12)}  ${target}`)
export const ms = (value) => `${value.toFixed(0)} ms`
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** How long something takes, in milliseconds. */
export function timed(act) {
  const start = performance.now()
  act()
  return performance.now() - start
}

/** CPU seconds of a process so far, and its resident megabytes. */
export function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, rss: Number(rss) / 1024 }
}

/** Prints what this machine needs for what has nothing to do with the program. */
export function baseline() {
  console.log(
    `this machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  )
  row('node -e 0', ms(median([1, 2, 3, 4, 5].map(() => timed(() => execFileSync(process.execPath, ['-e', '0']))))))
  row('fibonacci(32)', ms(median([1, 2, 3].map(() => timed(() => fibonacci(32))))))
  row('git --version', ms(median([1, 2, 3].map(() => timed(() => execFileSync('git', ['--version']))))))
}

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}
