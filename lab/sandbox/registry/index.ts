export { createRegistryClient, type RegistryClient } from './client.ts'
export { digestOf } from './digest.ts'
export { createImageStore, type ImageStore } from './images.ts'
export {
  type ContainerConfig,
  type Descriptor,
  DOCKER_CONFIG,
  DOCKER_LAYER,
  DOCKER_MANIFEST,
  type ImageManifest,
  type OciConfig,
} from './media-types.ts'
export { formatReference, parseReference, REGISTRY_NAME, type Reference } from './reference.ts'
export { createRegistry, type Registry } from './server.ts'
export { type Credentials, type Fetch, RegistryError } from './transport.ts'
export { entryName } from './unpack.ts'
