import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegistryClient, ResolvedImage } from './client.ts'
import { hexOf } from './digest.ts'
import type { OciConfig } from './media-types.ts'
import { formatReference, parseReference, type Reference } from './reference.ts'
import { RegistryError } from './transport.ts'
import { checkLinks, unpackLayer } from './unpack.ts'

export type PullSecret = { readonly registry: string; readonly username: string; readonly password: string }

export type PulledImage = {
  /** Of what the reference led to: the image's manifest, or the index. */
  readonly digest: string
  readonly config: OciConfig
  /** The unpacked tree. It is shared by all who pulled this image: never write to it. */
  readonly rootfs: string
}

/** A pull that failed; the message is what containerd tells the kubelet. */
export class PullError extends Error {
  override readonly name = 'PullError'
}

export type ImageStore = {
  /**
   * Asks the registry what the reference means now and unpacks it unless that was done before. Of the secrets, those
   * of the reference's registry are tried in order, then none. @throws PullError
   */
  pull(reference: string, pullSecrets: readonly PullSecret[]): Promise<PulledImage>
  /** The image that was last pulled by this very reference, without asking a registry (`imagePullPolicy: IfNotPresent`). */
  find(reference: string): Promise<PulledImage | undefined>
}

type Unpacked = { readonly config: OciConfig; readonly rootfs: string }

/** Images by digest in `<directory>/images/<hex>`: `config.json` and `rootfs/`. */
export function createImageStore(options: { readonly directory: string; readonly client: RegistryClient }): ImageStore {
  const images = join(options.directory, 'images')
  const references = join(options.directory, 'references.json')
  mkdirSync(images, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(images)) if (name.startsWith('draft-')) rmSync(join(images, name), { recursive: true })
  const running = new Map<string, Promise<Unpacked>>()
  let known: Record<string, { digest: string; manifestDigest: string }> | undefined

  async function knownReferences() {
    known ??= JSON.parse(await readFile(references, 'utf8').catch(() => '{}')) as NonNullable<typeof known>
    return known
  }

  async function read(manifestDigest: string): Promise<Unpacked | undefined> {
    const folder = join(images, hexOf(manifestDigest))
    const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => undefined)
    return text === undefined ? undefined : { config: JSON.parse(text), rootfs: join(folder, 'rootfs') }
  }

  async function unpack(client: RegistryClient, reference: Reference, image: ResolvedImage): Promise<Unpacked> {
    const { manifest } = image
    const config: OciConfig = JSON.parse((await client.blob(reference, manifest.config.digest)).toString('utf8'))
    const draft = await mkdtemp(join(images, 'draft-'))
    try {
      const rootfs = join(draft, 'rootfs')
      await mkdir(rootfs)
      for (const [at, layer] of manifest.layers.entries()) {
        const file = join(draft, 'layer')
        await client.blobToFile(reference, layer.digest, file)
        if ((await stat(file)).size !== layer.size) throw new Error(`layer ${layer.digest} has not ${layer.size} bytes`)
        const diffId = await unpackLayer(file, layer.mediaType, rootfs)
        const expected = config.rootfs.diff_ids[at]
        if (diffId !== expected)
          throw new Error(`wrong diff id calculated on extraction "${diffId}", expected "${expected}"`)
        await rm(file)
      }
      await checkLinks(rootfs)
      await writeFile(join(draft, 'config.json'), JSON.stringify(config))
      await rename(draft, join(images, hexOf(image.manifestDigest)))
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      throw error
    }
    return (await read(image.manifestDigest)) as Unpacked
  }

  async function unpackOnce(client: RegistryClient, reference: Reference, image: ResolvedImage): Promise<Unpacked> {
    const present = await read(image.manifestDigest)
    if (present) return present
    let work = running.get(image.manifestDigest)
    if (!work) {
      work = unpack(client, reference, image).finally(() => running.delete(image.manifestDigest))
      running.set(image.manifestDigest, work)
    }
    return work
  }

  async function pullWith(secret: PullSecret | undefined, reference: Reference): Promise<PulledImage> {
    const client = options.client.withCredentials(secret)
    let image: ResolvedImage
    try {
      image = await client.image(reference)
    } catch (error) {
      throw resolveError(reference, error)
    }
    try {
      const { digest, manifestDigest } = image
      const unpacked = await unpackOnce(client, reference, image)
      const all = await knownReferences()
      all[formatReference(reference)] = { digest, manifestDigest }
      await writeFile(references, JSON.stringify(all))
      return { digest, ...unpacked }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new PullError(`failed to pull and unpack image "${formatReference(reference)}": ${why}`)
    }
  }

  return {
    async pull(text, pullSecrets) {
      const reference = parse(text)
      const secrets = pullSecrets.filter(({ registry }) => registryHost(registry) === reference.host)
      const attempts = [...secrets, ...(secrets.length > 0 ? [] : [undefined])]
      let failure: unknown
      for (const secret of attempts) {
        try {
          return await pullWith(secret, reference)
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },

    async find(text) {
      const reference = parse(text)
      const found = (await knownReferences())[formatReference(reference)]
      const unpacked = found && (await read(found.manifestDigest))
      return unpacked && { digest: found.digest, ...unpacked }
    },
  }
}

function parse(text: string): Reference {
  try {
    return parseReference(text)
  } catch (error) {
    throw new PullError(`failed to parse reference "${text}": ${(error as Error).message}`)
  }
}

/** The host of a `.dockerconfigjson` key, which may be a URL. */
const registryHost = (key: string): string => {
  const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return host === 'index.docker.io' ? 'docker.io' : host
}

/** Why a reference could not be resolved, as containerd words it. */
function resolveError(reference: Reference, error: unknown): PullError {
  const name = formatReference(reference)
  const prefix = `failed to pull and unpack image "${name}": failed to resolve reference "${name}": `
  if (!(error instanceof RegistryError)) return new PullError(prefix + (error instanceof Error ? error.message : error))
  if (error.status === 404) return new PullError(`${prefix}${name}: not found`)
  if (error.status === 0)
    return new PullError(`${prefix}failed to do request: ${error.message.replace(/^Get /, 'Head ')}`)
  if (error.fromTokenServer) {
    return new PullError(
      `${prefix}failed to authorize: failed to fetch oauth token: unexpected status from GET request to ${error.url}: ${statusText(error.status)}`,
    )
  }
  if (error.status === 401 || error.status === 403) {
    return new PullError(
      `${prefix}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    )
  }
  return new PullError(prefix + error.message)
}

const statusText = (status: number): string =>
  status === 401 ? '401 Unauthorized' : status === 403 ? '403 Forbidden' : String(status)
