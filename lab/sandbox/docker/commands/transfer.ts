import {
  DOCKER_MANIFEST,
  type OciConfig,
  parseReference,
  REGISTRY_NAME,
  type Reference,
  RegistryError,
} from '../../registry/index.ts'
import { type Image, imageFrom, imageOf, isNodeImage, nodeConfig } from '../build/image.ts'
import type { Layer } from '../build/tree.ts'
import { clientFor, DockerError, type Invocation } from '../job.ts'
import type { Command } from './command.ts'

/** Sends an image to its registry; `onLayer` hears of each layer. @throws RegistryError */
export async function pushImage(
  invocation: Invocation,
  reference: Reference,
  image: Image,
  onLayer: (layer: Layer, pushed: boolean) => void = () => {},
): Promise<void> {
  const client = await clientFor(invocation, reference.host)
  for (const layer of image.layers) {
    const pushed = await client.pushBlob(reference, layer.descriptor.digest, layer.bytes, invocation.signal)
    onLayer(layer, pushed)
  }
  await client.pushBlob(reference, image.id, image.configBytes, invocation.signal)
  await client.pushManifest(reference, DOCKER_MANIFEST, image.manifestBytes)
}

/** Fetches an image into the job's own store, under its name if it has a tag. @throws RegistryError */
export async function pullImage(invocation: Invocation, reference: Reference, platform?: string): Promise<Image> {
  const client = await clientFor(invocation, reference.host)
  const { manifest } = await client.image(reference, platform)
  const configBytes = await client.blob(reference, manifest.config.digest)
  const config: OciConfig = JSON.parse(configBytes.toString('utf8'))
  const layers: Layer[] = []
  for (const [at, descriptor] of manifest.layers.entries()) {
    const bytes = await client.blob(reference, descriptor.digest)
    layers.push({ descriptor, bytes, diffId: config.rootfs.diff_ids[at] ?? '' })
  }
  const image = imageFrom(configBytes, layers)
  invocation.job.images.set(reference, image)
  return image
}

const short = (digest: string): string => digest.replace('sha256:', '').slice(0, 12)

/** How docker words an answer of a registry. */
function daemonError(error: unknown, reference: Reference): Error {
  if (!(error instanceof RegistryError)) return error as Error
  if (error.status === 404 && error.code === 'MANIFEST_UNKNOWN') {
    return new DockerError(
      `Error response from daemon: manifest for ${reference.host}/${reference.repository}:${reference.tag ?? 'latest'} not found: ${error.message}`,
    )
  }
  if (error.status === 401 && !error.fromTokenServer) {
    return new DockerError('denied: requested access to the resource is denied')
  }
  return new DockerError(error.status === 0 ? `Error response from daemon: ${error.message}` : error.message)
}

export const push: Command = {
  name: 'docker push',
  usage: '[OPTIONS] NAME[:TAG]',
  flags: {
    'all-tags': { type: 'boolean', short: 'a' },
    quiet: { type: 'boolean', short: 'q' },
    'disable-content-trust': { type: 'boolean' },
    platform: { type: 'string', unsupported: 'images here have one platform' },
  },
  min: 1,
  max: 1,
  async run(invocation, { positional, is }) {
    const { out, job } = invocation
    const text = positional[0] as string
    const reference = parseReference(text)
    const all = is('all-tags')
    if (all && reference.tag !== undefined) throw new DockerError("tag can't be used with --all-tags/-a")
    const repository = `${reference.host}/${reference.repository}`
    const tagged = job.images.entries().filter(([name]) => name.startsWith(`${repository}:`))
    const wanted = all ? tagged : tagged.filter(([name]) => name === `${repository}:${reference.tag ?? 'latest'}`)
    if (!is('quiet')) {
      if (!all && reference.tag === undefined) out('Using default tag: latest\n')
      out(`The push refers to repository [${repository}]\n`)
    }
    if (wanted.length === 0)
      throw new DockerError(
        `An image does not exist locally with the tag: ${repository.replace(/^docker\.io\/(library\/)?/, '')}`,
      )
    for (const [name, image] of wanted) {
      const target = parseReference(name)
      try {
        await pushImage(invocation, target, image, ({ diffId }, pushed) => {
          if (!is('quiet')) out(`${short(diffId)}: ${pushed ? 'Pushed' : 'Layer already exists'}\n`)
        })
      } catch (error) {
        throw daemonError(error, target)
      }
      out(is('quiet') ? `${name}\n` : `${target.tag}: digest: ${image.digest} size: ${image.manifestBytes.length}\n`)
    }
    return 0
  },
}

export const pull: Command = {
  name: 'docker pull',
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  flags: {
    quiet: { type: 'boolean', short: 'q' },
    platform: { type: 'string' },
    'all-tags': { type: 'boolean', short: 'a', unsupported: 'name the tag' },
    'disable-content-trust': { type: 'boolean' },
  },
  min: 1,
  max: 1,
  async run(invocation, { positional, is, value }) {
    const { out, job } = invocation
    const reference = parseReference(positional[0] as string)
    const { host, repository, tag, digest } = reference
    const quiet = is('quiet')
    if (!quiet) {
      if (!tag && !digest) out('Using default tag: latest\n')
      out(`${digest ?? tag ?? 'latest'}: Pulling from ${repository}\n`)
    }
    let image: Image
    if (!digest && isNodeImage(host, repository, tag ?? 'latest')) {
      image = imageOf(nodeConfig(job.nodeVersion, 'amd64'), [])
      job.images.set(reference, image)
    } else {
      try {
        image = await pullImage(invocation, reference, value('platform'))
      } catch (error) {
        throw daemonError(error, reference)
      }
    }
    const name = `${host}/${repository}:${tag ?? 'latest'}`
    if (!quiet) {
      for (const { diffId } of image.layers) out(`${short(diffId)}: Pull complete\n`)
      out(
        `Digest: ${image.digest}\nStatus: Downloaded newer image for ${host === REGISTRY_NAME ? name : positional[0]}\n`,
      )
    }
    out(`${name}\n`)
    return 0
  },
}
