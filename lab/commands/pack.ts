import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { LabError } from '../engine/lab-error.ts'

const run = promisify(execFile)

/** npm's own date of every file in a package, so that the same files make the same bytes. */
const DATE = new Date('1985-10-26T08:15:00.000Z')

/** The program in this folder as a package that npm installs. `scratch` is an empty folder for what it takes. */
export const packProgram = (folder: string, scratch: string): Promise<Buffer> =>
  existsSync(join(folder, 'scripts', 'package.mjs')) ? packSources(folder, scratch) : packInstalled(folder)

/** Packs a copy of the sources: packing makes the bundle anew, and the bundle there is may be running. */
async function packSources(folder: string, scratch: string): Promise<Buffer> {
  const copy = join(scratch, 'source')
  for (const name of readdirSync(folder)) {
    if (['node_modules', 'dist', '.git'].includes(name)) continue
    cpSync(join(folder, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(folder, 'node_modules'), join(copy, 'node_modules'))
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', scratch], { cwd: copy })
  } catch (error) {
    throw new LabError({
      expected: '`npm pack` to make a package of these sources',
      found: ((error as { stderr?: string }).stderr ?? String(error)).trim().split('\n').slice(-5).join('\n'),
      next: 'Run `npm ci` and try again, or name a package with --package',
    })
  }
  const name = readdirSync(scratch).find((file) => file.endsWith('.tgz'))
  return readFileSync(join(scratch, name as string))
}

/** An installed package holds just the files that were packed. */
async function packInstalled(folder: string): Promise<Buffer> {
  const archive = pack()
  const content = buffer(archive)
  for (const path of filesBelow(folder).sort()) {
    const mode = statSync(path).mode & 0o111 ? 0o755 : 0o644
    archive.entry({ name: `package/${relative(folder, path)}`, mode, mtime: DATE }, readFileSync(path))
  }
  archive.finalize()
  return gzipSync(await content, { level: 9 })
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
