import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { TimerLabel } from '../../core/clock.ts'
import { dialError } from '../../core/dial-error.ts'
import type { Runtime } from '../runtime/runtime.ts'

export type Artifact = { readonly url: string; readonly digest: string; readonly revision: string }

/** The source says that it has an artifact, but does not serve it (yet). */
export class ArtifactMissing extends Error {
  override readonly name = 'ArtifactMissing'
}

/** The artifact cannot be had; the message is what the condition says. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
}

const FIRST_PAUSE = 5_000
const LONGEST_PAUSE = 30_000

/**
 * Downloads an artifact, checks its digest and unpacks it into a folder. A server that does not answer, or answers with
 * a 5xx, is asked again with growing pauses. @throws ArtifactMissing @throws ArtifactError
 */
export async function fetchArtifact(
  runtime: Runtime,
  artifact: Artifact,
  folder: string,
  label: TimerLabel,
): Promise<void> {
  const data = await download(runtime, artifact.url, label)
  const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`
  if (digest !== artifact.digest) {
    throw new ArtifactError(
      `failed to verify archive: computed digest doesn't match provided '${artifact.digest}' (check whether file size exceeds max download size)`,
    )
  }
  await unpack(data, folder)
}

async function download({ context, clock, signal, flags }: Runtime, url: string, label: TimerLabel): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    let failure: string
    try {
      const response = await context.names.fetch(url, { signal })
      if (response.ok) return Buffer.from(await response.arrayBuffer())
      await response.body?.cancel()
      if (response.status === 404) throw new ArtifactMissing('artifact not found')
      if (response.status < 500) {
        throw new ArtifactError(
          `failed to download archive from ${url} (status: ${response.status} ${response.statusText})`,
        )
      }
      failure = `unexpected HTTP status ${response.status} ${response.statusText}`
    } catch (error) {
      if (signal.aborted || error instanceof ArtifactMissing || error instanceof ArtifactError) throw error
      failure = `Get "${url}": ${dialError(error, url)}`
    }
    if (attempt > flags.httpRetry) {
      throw new ArtifactError(
        `failed to download archive: GET ${url} giving up after ${attempt} attempt(s): ${failure}`,
      )
    }
    await clock.sleep(Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE), signal, label)
  }
}

async function unpack(data: Buffer, folder: string): Promise<void> {
  const tar = extract()
  tar.on('entry', (header, stream, next) => {
    const path = resolve(folder, header.name)
    if (header.type !== 'file' || !path.startsWith(folder + sep)) {
      stream.resume()
      stream.on('end', next)
      return
    }
    const chunks: Buffer[] = []
    stream.on('data', (chunk) => chunks.push(chunk as Buffer))
    stream.on('error', next)
    stream.on('end', () => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, Buffer.concat(chunks))
      next()
    })
  })
  await pipeline(Readable.from([data]), createGunzip(), tar)
}
