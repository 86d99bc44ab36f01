import {
  type ContainerConfig,
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  digestOf,
  type ImageManifest,
  type OciConfig,
} from '../../registry/index.ts'
import type { Layer } from './tree.ts'

/** An image as this daemon keeps it. */
export type Image = {
  /** Digest of the configuration, which is what docker calls the image ID. */
  readonly id: string
  readonly config: OciConfig
  readonly configBytes: Buffer
  readonly manifestBytes: Buffer
  /** Digest of the manifest, which is what a registry calls the image. */
  readonly digest: string
  readonly layers: readonly Layer[]
}

/** Writes configuration and manifest for some layers. */
export const imageOf = (config: OciConfig, layers: readonly Layer[]): Image =>
  imageFrom(Buffer.from(JSON.stringify(config)), layers)

/** The image of a configuration that is kept to the byte, as pulled. */
export function imageFrom(configBytes: Buffer, layers: readonly Layer[]): Image {
  const id = digestOf(configBytes)
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: { mediaType: DOCKER_CONFIG, size: configBytes.length, digest: id },
    layers: layers.map(({ descriptor }) => descriptor),
  }
  const manifestBytes = Buffer.from(JSON.stringify(manifest, null, 3))
  const config: OciConfig = JSON.parse(configBytes.toString('utf8'))
  return { id, config, configBytes, manifestBytes, digest: digestOf(manifestBytes), layers }
}

/** `NAME=value` list with one name set. */
export function withEnv(env: readonly string[] | undefined, name: string, value: string): readonly string[] {
  const entry = `${name}=${value}`
  const list = env ?? []
  const at = list.findIndex((item) => item.startsWith(`${name}=`))
  return at < 0 ? [...list, entry] : list.with(at, entry)
}

const RELEASE = /^(?:latest|lts|current|hydrogen|iron|jod|krypton|lithium|\d+(?:\.\d+){0,2})$/
const FLAVOUR = /^(?:alpine(?:\d+\.\d+)?|slim|bullseye|bookworm|trixie)$/

/** Whether a repository and tag name one of the Node base images, which are built in. */
export function isNodeImage(host: string, repository: string, tag: string): boolean {
  if (host !== 'docker.io' || repository !== 'library/node') return false
  const [release = '', ...flavours] = tag.split('-')
  const rest = RELEASE.test(release) ? flavours : [release, ...flavours]
  return rest.every((flavour) => FLAVOUR.test(flavour))
}

/** The configuration of the built-in Node base image. It has no layers: pods run on this machine's Node. */
export function nodeConfig(nodeVersion: string, architecture: string): OciConfig {
  const config: ContainerConfig = {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', `NODE_VERSION=${nodeVersion}`],
    Cmd: ['node'],
    WorkingDir: '/',
  }
  return {
    architecture,
    os: 'linux',
    created: new Date(0).toISOString(),
    config,
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  }
}
