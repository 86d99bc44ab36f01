import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { unzipSync, type Zippable, zipSync } from 'fflate'
import { isNamedBy } from './globs.ts'

export type ArtifactRules = {
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  readonly untracked: boolean
}

/** Unix, in the byte of a zip entry that tells which system wrote its attributes. */
const UNIX = 3

const files = (folder: string, root = folder): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === '.git' && folder === root ? [] : files(path, root)
    return entry.isFile() ? [relative(root, path)] : []
  })

/** Packs the files that the patterns name, from a job's work tree; undefined when there are none. */
export function packArtifacts(
  workspace: string,
  rules: ArtifactRules,
  untracked: readonly string[] = [],
): { readonly zip: Buffer; readonly files: readonly string[] } | undefined {
  const isWanted = (path: string) =>
    (rules.paths.some((pattern) => isNamedBy(path, pattern)) || (rules.untracked && untracked.includes(path))) &&
    !rules.exclude.some((pattern) => isNamedBy(path, pattern))
  const wanted = files(workspace).filter((path) => isWanted(path.split(sep).join('/')))
  if (wanted.length === 0) return undefined
  const entries: Zippable = {}
  for (const path of wanted) {
    const { mode, mtimeMs } = lstatSync(join(workspace, path))
    const mtime = new Date(Math.max(mtimeMs, Date.UTC(1981, 0, 1)))
    entries[path.split(sep).join('/')] = [readFileSync(join(workspace, path)), { os: UNIX, attrs: mode << 16, mtime }]
  }
  return { zip: Buffer.from(zipSync(entries, { level: 6 })), files: wanted }
}

/** Unpacks artifacts into a work tree. Entries that would land outside of it are refused. */
export function unpackArtifacts(zip: Buffer, workspace: string): void {
  const root = realpathSync(workspace)
  for (const [name, content] of Object.entries(unzipSync(zip))) {
    const target = resolve(root, name)
    if (!target.startsWith(root + sep)) throw new Error(`artifact ${name} lies outside of the project`)
    mkdirSync(dirname(target), { recursive: true })
    if (!realpathSync(dirname(target)).startsWith(root)) throw new Error(`artifact ${name} lies outside of the project`)
    writeFileSync(target, content)
  }
  for (const [name, mode] of modesOf(zip)) if (existsSync(join(root, name))) chmodSync(join(root, name), mode)
}

/** Permissions by file, from the zip's central directory, which fflate does not hand out. */
function modesOf(zip: Buffer): [string, number][] {
  const modes: [string, number][] = []
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0) return modes
  let at = zip.readUInt32LE(end + 16)
  for (let count = zip.readUInt16LE(end + 10); count > 0 && zip.readUInt32LE(at) === 0x02014b50; count--) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)]
    const mode = (zip.readUInt32LE(at + 38) >>> 16) & 0o777
    if (mode) modes.push([zip.toString('utf8', at + 46, at + 46 + name), mode])
    at += 46 + name + extra + comment
  }
  return modes
}

/** Variables of a dotenv report: `NAME=value` lines, comments and blank lines. */
export function parseDotenv(text: string): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ''] = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name) variables[name] = value.replace(/^(["'])(.*)\1$/, '$2')
  }
  return variables
}
