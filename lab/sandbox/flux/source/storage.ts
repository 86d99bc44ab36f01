import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { dirname, join } from 'node:path'

/** How many artifacts of an object are kept: the newest, and those that others may still be reading. */
const RETENTION = 2

/** The artifacts of source-controller: files below one folder, served over HTTP under the same paths. */
export class ArtifactStorage {
  private readonly kept = new Map<string, string[]>()

  constructor(
    private readonly folder: string,
    /** Host of the artifacts' URLs. */
    private readonly host: string,
  ) {
    mkdirSync(folder, { recursive: true })
  }

  url(path: string): string {
    return `http://${this.host}/${path}`
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path))
  }

  put(path: string, data: Buffer): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, data)
    const folder = dirname(path)
    const all = [...(this.kept.get(folder) ?? []).filter((other) => other !== path), path]
    for (const old of all.slice(0, -RETENTION)) rmSync(join(this.folder, old), { force: true })
    this.kept.set(folder, all.slice(-RETENTION))
  }

  /** Removes all artifacts of an object: `gitrepository/<namespace>/<name>`. */
  removeFolder(folder: string): void {
    this.kept.delete(folder)
    rmSync(join(this.folder, folder), { recursive: true, force: true })
  }

  readonly serve: RequestListener = (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://storage').pathname).slice(1)
    const file = join(this.folder, path)
    const readable = request.method === 'GET' || request.method === 'HEAD'
    if (!readable) {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (path === '') {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('source-controller\n')
    } else if (!file.startsWith(`${this.folder}/`) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
    } else {
      const data = readFileSync(file)
      response.writeHead(200, { 'content-type': 'application/x-gzip', 'content-length': data.length })
      response.end(request.method === 'HEAD' ? undefined : data)
    }
  }
}
