import type { KubeClient } from '../core/kube-client.ts'
import type { Credentials, createRegistryClient, Fetch, OciConfig, RegistryClient } from '../registry/index.ts'
import type { CommonUpdateSettings } from './resources.ts'
import { registryCredentials } from './secrets.ts'
import { allowedBy, type Candidate, ignoredBy, needsMetadata, type Strategy } from './select/choose.ts'
import { type ContainerImage, fullName } from './select/image.ts'
import type { RegistryConfig } from './settings.ts'

/** Images of other platforms are left out where an image is looked into; pods here are linux/amd64. */
const OWN_PLATFORM = 'linux/amd64'

export type Registries = {
  /** What reads one image's registry. @throws Error when credentials cannot be had */
  endpoint(image: ContainerImage, pullSecret: string | undefined): Promise<Endpoint>
}

export type Endpoint = {
  /** Tags that may be chosen, with what the strategy wants to know of them. @throws Error, RegistryError */
  candidates(
    image: ContainerImage,
    strategy: Strategy,
    settings: CommonUpdateSettings,
    warn: (text: string) => void,
  ): Promise<readonly Candidate[]>
}

export function createRegistries(options: {
  readonly fetch: Fetch
  readonly client: typeof createRegistryClient
  readonly configured: readonly RegistryConfig[]
  readonly kube: KubeClient
  readonly env: ReadonlyMap<string, string>
}): Registries {
  /** Credentials of `registries.conf` are read once: a change of their Secret needs a restart, as on the real one. */
  const known = new Map<string, Credentials>()

  async function configuredCredentials({ prefix, credentials }: RegistryConfig): Promise<Credentials | undefined> {
    if (!credentials) return undefined
    const found = known.get(prefix) ?? (await registryCredentials(options.kube, options.env, credentials, prefix))
    known.set(prefix, found)
    return found
  }

  return {
    async endpoint(image, pullSecret) {
      const configured = options.configured.find(
        ({ prefix, default: isDefault }) => prefix === image.registry || (image.registry === '' && isDefault),
      )
      const host = configured ? new URL(configured.api_url).host : image.registry || 'docker.io'
      const credentials = pullSecret
        ? await registryCredentials(options.kube, options.env, pullSecret, image.registry)
        : configured && (await configuredCredentials(configured))
      const client = options.client({ fetch: options.fetch, credentials })
      const repository = host === 'docker.io' && !image.name.includes('/') ? `library/${image.name}` : image.name
      return {
        candidates: (image, strategy, settings, warn) =>
          candidates(client, { host, repository }, image, strategy, settings, warn),
      }
    },
  }
}

async function candidates(
  client: RegistryClient,
  where: { readonly host: string; readonly repository: string },
  image: ContainerImage,
  strategy: Strategy,
  settings: CommonUpdateSettings,
  warn: (text: string) => void,
): Promise<readonly Candidate[]> {
  if (strategy === 'digest' && image.tag === '') {
    throw new Error(`cannot use update strategy 'digest' for image '${fullName(image)}' without a version constraint`)
  }
  const reference = (tag: string | undefined) => ({ ...where, tag, digest: undefined })
  const allowed = allowedBy(settings.allowTags, warn)
  const ignored = ignoredBy(settings.ignoreTags ?? [])
  const tags = (await client.listTags(reference(undefined))).filter(
    (tag) => allowed(tag) && !ignored(tag) && (strategy !== 'digest' || tag === image.tag),
  )
  if (!needsMetadata(strategy)) return tags.map((tag) => ({ tag, digest: '' }))
  const platforms = settings.platforms?.length ? settings.platforms : [OWN_PLATFORM]
  const found: Candidate[] = []
  for (const tag of tags) {
    const { digest, manifest } = await client.image(reference(tag), platforms[0])
    const config: OciConfig = JSON.parse((await client.blob(reference(tag), manifest.config.digest)).toString('utf8'))
    if (!platforms.some((platform) => isPlatform(config, platform))) continue
    const created = Date.parse(config.created ?? '')
    if (strategy === 'newest-build' && Number.isNaN(created)) continue
    found.push({ tag, digest: strategy === 'digest' ? digest : '', created })
  }
  return found
}

function isPlatform({ os, architecture, variant }: OciConfig, platform: string): boolean {
  const [wantedOs, wantedArchitecture, wantedVariant] = platform.split('/')
  return os === wantedOs && architecture === wantedArchitecture && (!wantedVariant || variant === wantedVariant)
}
