export {
  choosePlatform,
  createRegistryClient,
  type Manifest,
  type Platform,
  type RegistryClient,
  type ResolvedImage,
} from './client.ts'
export { digestOf, hexOf, isDigest } from './digest.ts'
export { createImageStore, type ImageStore, PullError, type PulledImage, type PullSecret } from './images.ts'
export {
  type ContainerConfig,
  type Descriptor,
  DOCKER_CONFIG,
  DOCKER_LAYER,
  DOCKER_MANIFEST,
  type ImageManifest,
  type OciConfig,
} from './media-types.ts'
export { formatReference, InvalidReference, parseReference, REGISTRY_NAME, type Reference } from './reference.ts'
export { createRegistry, type Registry, type RegistryOptions, type Tag } from './server.ts'
export type { Access } from './token.ts'
export { type Credentials, type Fetch, RegistryError } from './transport.ts'
export { BadLayer, decompressorFor, entryName } from './unpack.ts'
