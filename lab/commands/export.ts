import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type ScenarioFile, scenario, type Templates } from '../course/export/scenario.ts'
import { readCourse } from '../course/load.ts'
import { LabError, messageOf } from '../engine/lab-error.ts'
import type { Context } from './context.ts'
import { packProgram } from './pack.ts'

export type ExportOptions = { readonly out: string; readonly package?: string }

/** Says that a folder holds an earlier export, and which of its files are ours. */
const MARKER = '.gitops-lab-export'
/** What a host takes as one file. */
const LIMIT = 9 * 1000 * 1000
/** RFC 1952: what a gzip file begins with. */
const GZIP = Buffer.from([0x1f, 0x8b])

/** `export killercoda`: writes a repository with the course as a scenario. @throws LabError */
export async function exportKillercoda(context: Context, options: ExportOptions): Promise<number> {
  if (context.options.lab !== undefined) {
    throw new LabError({
      expected: 'the built-in lab',
      found: `--lab ${context.options.lab}`,
      next: 'Leave --lab away: a scenario brings the lab that the package holds',
      code: 64,
    })
  }
  const out = resolve(context.cwd, options.out)
  const before = earlierFiles(out)
  const templates = readTemplates(join(context.packageDir, 'assets', 'killercoda'))
  const { files, packagePath } = scenario(readCourse(context.course), templates, context.version)
  const tarball = await readPackage(context, options.package)
  if (tarball.length > LIMIT) {
    throw new LabError({
      expected: 'a package of 9 MB at most, which is what hosts take as one file',
      found: `${(tarball.length / 1e6).toFixed(1)} MB`,
      next: 'Name another one with --package',
    })
  }
  const paths = [...files.map(({ path }) => path), packagePath].sort()
  try {
    for (const path of before.filter((path) => !paths.includes(path))) rmSync(join(out, path), { force: true })
    for (const file of files) write(out, file)
    write(out, { path: packagePath, content: tarball, executable: false })
    write(out, { path: MARKER, content: `${JSON.stringify({ files: paths }, null, 2)}\n`, executable: false })
  } catch (error) {
    throw new LabError({
      expected: 'a folder that can be written',
      found: messageOf(error),
      next: 'Make room there, or name another folder with --out',
    })
  }
  context.out(`${out} holds the scenario, ${paths.length} files. Its README.md says how to publish it.\n`)
  return 0
}

/** The files of an earlier export into this folder. @throws LabError when it holds something else */
function earlierFiles(out: string): readonly string[] {
  const problem = (found: string) =>
    new LabError({
      expected: 'a folder that is empty, not there yet, or holds an earlier export',
      found,
      next: 'Name another folder with --out',
      code: 64,
    })
  if (!existsSync(out)) return []
  if (!statSync(out).isDirectory()) throw problem(`${out} is a file`)
  const marker = join(out, MARKER)
  if (!existsSync(marker)) {
    // A repository that was just made or cloned is empty, too.
    if (readdirSync(out).some((name) => name !== '.git')) throw problem(`${out} with something else in it`)
    return []
  }
  try {
    const { files } = JSON.parse(readFileSync(marker, 'utf8')) as { files: readonly string[] }
    return files.filter((path) => !path.startsWith('/') && !path.split('/').includes('..'))
  } catch {
    throw problem(`${marker}, which cannot be read`)
  }
}

const readTemplates = (folder: string): Templates =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))

async function readPackage(context: Context, named: string | undefined): Promise<Buffer> {
  if (named !== undefined) {
    const path = resolve(context.cwd, named)
    const content = existsSync(path) && statSync(path).isFile() ? readFileSync(path) : undefined
    if (content?.subarray(0, 2).equals(GZIP)) return content
    throw new LabError({
      expected: 'a package as `npm pack` makes it',
      found: content ? `${path}, which is none` : `no file ${path}`,
      next: 'Name another one with --package, or leave it away: then the running program is packed',
      code: 64,
    })
  }
  const scratch = mkdtempSync(join(tmpdir(), 'gitops-lab-pack-'))
  try {
    return await packProgram(context.packageDir, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function write(
  out: string,
  { path, content, executable }: Omit<ScenarioFile, 'content'> & { content: string | Buffer },
) {
  const file = join(out, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, executable ? 0o755 : 0o644)
}
