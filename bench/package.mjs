// Measures what is packed: its size, and how long installing it takes from a warm cache. Asserts nothing.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { row, timed } from './measure.mjs'

const folder = mkdtempSync(join(tmpdir(), 'gitops-lab-bench-'))
const npm = (args, cwd) => execFileSync('npm', [...args, '--silent'], { cwd })
try {
  npm(['pack', '--pack-destination', folder], process.cwd())
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  )
  row('tarball', `${(statSync(tarball).size / 1e6).toFixed(2)} MB`, '< 3 MB')
  for (const cache of ['cache as it is', 'warm cache']) {
    const into = join(folder, cache.replaceAll(' ', '-'))
    mkdirSync(into)
    writeFileSync(join(into, 'package.json'), '{}')
    const seconds = timed(() => npm(['install', '--prefer-offline', tarball], into)) / 1000
    row(`npm install, ${cache}`, `${seconds.toFixed(1)} s`, cache === 'warm cache' ? '< 5 s' : '')
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
