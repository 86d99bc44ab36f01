import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import {
  type Credentials,
  createRegistryClient,
  type Fetch,
  formatReference,
  parseReference,
  type Reference,
  type RegistryClient,
} from '../registry/index.ts'
import type { Image } from './build/image.ts'

/** A refusal or failure in docker's words. */
export class DockerError extends Error {
  override readonly name = 'DockerError'

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message)
  }
}

/** Images that one job built or pulled. They end with the job, as with a docker:dind service. */
export class LocalImages {
  private readonly tags = new Map<string, Image>()

  /** Images by their full name (`host/repository:tag`), in the order of their tagging. */
  entries(): readonly (readonly [string, Image])[] {
    return [...this.tags]
  }

  set(reference: Reference, image: Image): void {
    this.tags.set(formatReference(reference), image)
  }

  /** Keeps an image that has no name. */
  keep(image: Image): void {
    if (![...this.tags.values()].some(({ id }) => id === image.id)) this.tags.set(`<none>@${image.id}`, image)
  }

  /** By name, or by the beginning of its ID. */
  find(text: string): Image | undefined {
    const hex = text.replace(/^sha256:/, '')
    const byId = /^[0-9a-f]{4,64}$/.test(hex)
      ? [...this.tags.values()].find(({ id }) => id.startsWith(`sha256:${hex}`))
      : undefined
    return this.named(text) ?? byId
  }

  private named(text: string): Image | undefined {
    const reference = parseReference(text)
    const exact = this.tags.get(formatReference(reference))
    if (exact || reference.digest === undefined) return exact
    return [...this.tags.values()].find(({ digest }) => digest === reference.digest)
  }

  remove(name: string): void {
    this.tags.delete(name)
  }
}

/** What commands of one CI job share. */
export type Job = {
  readonly images: LocalImages
  /** Folders that commands may write to: the job's home and its checkout. */
  readonly folders: readonly string[]
  readonly fetch: Fetch
  readonly nodeVersion: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** One run of `docker`. */
export type Invocation = {
  readonly job: Job
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  out(text: string): void
  err(text: string): void
  stdin(): Promise<string>
}

/** A client with what `docker login` stored for a host. */
export async function clientFor({ job, env }: Invocation, host: string): Promise<RegistryClient> {
  return createRegistryClient({ fetch: job.fetch, credentials: await storedCredentials(env, host) })
}

type ConfigFile = { auths?: Record<string, { auth?: string }>; [key: string]: unknown }

const configFolder = (env: Readonly<Record<string, string>>): string =>
  env['DOCKER_CONFIG'] || join(env['HOME'] ?? '/', '.docker')

async function readConfig(env: Readonly<Record<string, string>>): Promise<ConfigFile> {
  const text = await readFile(join(configFolder(env), 'config.json'), 'utf8').catch(() => '{}')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DockerError(
      `Error loading config file: ${join(configFolder(env), 'config.json')}: ${(error as Error).message}`,
    )
  }
}

async function storedCredentials(
  env: Readonly<Record<string, string>>,
  host: string,
): Promise<Credentials | undefined> {
  const auth = (await readConfig(env)).auths?.[host]?.auth
  const [username, ...password] = Buffer.from(auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  return username ? { username, password: password.join(':') } : undefined
}

/**
 * Stores credentials for a host in the job's docker configuration, or removes them; false if there were none. Refuses
 * a folder that is not the job's own. Returns the file's path.
 */
export async function storeCredentials(
  { env, job }: Invocation,
  host: string,
  credentials: Credentials | undefined,
): Promise<string | undefined> {
  const folder = configFolder(env)
  const config = await readConfig(env)
  const present = config.auths?.[host]
  if (!credentials && !present) return undefined
  if (!(await isInside(folder, job.folders))) {
    throw new DockerError(`Error saving credentials: ${folder} is not below the job's own HOME or its checkout`)
  }
  const { [host]: _, ...others } = config.auths ?? {}
  const auths = credentials
    ? { ...others, [host]: { auth: Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64') } }
    : others
  const file = join(folder, 'config.json')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(file, `${JSON.stringify({ ...config, auths }, null, '\t')}\n`, { mode: 0o600 })
  return file
}

async function isInside(path: string, folders: readonly string[]): Promise<boolean> {
  const real = async (path: string): Promise<string> =>
    realpath(path).catch(async () =>
      path === dirname(path) ? path : join(await real(dirname(path)), path.slice(dirname(path).length)),
    )
  const target = await real(path)
  const allowed = await Promise.all(folders.map(real))
  return allowed.some((folder) => target === folder || target.startsWith(folder + sep))
}
