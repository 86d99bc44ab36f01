import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { type IgnoreFile, ignoreFilter } from './ignore.ts'

/** Paths of all regular files below a folder, sorted; links are left out, as source-controller leaves them out. */
function filesBelow(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return path === '.git' ? [] : filesBelow(root, path)
      return entry.isFile() ? [path] : []
    })
}

/** A gzipped tar of a checked-out repository. The same files always make the same bytes. */
export async function archive(root: string, ignore: string | undefined): Promise<{ data: Buffer; digest: string }> {
  const files = filesBelow(root)
  const ignoreFiles: IgnoreFile[] = files
    .filter((path) => /(^|\/)\.sourceignore$/.test(path))
    .map((path) => ({
      folder: path.split('/').slice(0, -1).join('/'),
      text: readFileSync(join(root, path), 'utf8'),
    }))
  const isIgnored = ignoreFilter(ignoreFiles, ignore)
  const tar = pack()
  const chunks: Buffer[] = []
  tar.on('data', (chunk) => chunks.push(chunk as Buffer))
  const done = new Promise<void>((resolve, reject) => {
    tar.on('end', resolve)
    tar.on('error', reject)
  })
  for (const name of files.filter((path) => !isIgnored(path))) {
    const mode = statSync(join(root, name)).mode & 0o111 ? 0o755 : 0o644
    tar.entry({ name, mode, mtime: new Date(0), uid: 0, gid: 0 }, readFileSync(join(root, name)))
  }
  tar.finalize()
  await done
  const data = gzipSync(Buffer.concat(chunks))
  return { data, digest: `sha256:${createHash('sha256').update(data).digest('hex')}` }
}
