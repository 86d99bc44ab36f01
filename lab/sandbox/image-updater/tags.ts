import type { OciConfig, RegistryClient } from '../registry/index.ts'
import type { TagOrder } from './registries-conf.ts'
import type { CommonUpdateSettings } from './resources.ts'
import { allowedBy, type Candidate, ignoredBy, needsMetadata, type Strategy } from './select/choose.ts'
import { type ContainerImage, fullName } from './select/image.ts'

/** Images of other platforms are left out where an image is looked into; pods here are linux/amd64. */
const OWN_PLATFORM = 'linux/amd64'

/**
 * The tags of a repository that may be chosen, with what the strategy wants to know of them. Where the registry's list is
 * ordered by time, its order stands for the time, and images are not looked into. @throws Error, RegistryError
 */
export async function candidatesOf(
  client: RegistryClient,
  where: { readonly host: string; readonly repository: string },
  order: TagOrder | undefined,
  image: ContainerImage,
  strategy: Strategy,
  settings: CommonUpdateSettings,
  warn: (text: string) => void,
): Promise<readonly Candidate[]> {
  const reference = (tag: string | undefined) => ({ ...where, tag, digest: undefined })
  const all = await client.listTags(reference(undefined))
  if (strategy === 'digest' && image.tag === '') {
    throw new Error(`cannot use update strategy 'digest' for image '${fullName(image)}' without a version constraint`)
  }
  const allowed = allowedBy(settings.allowTags, warn)
  const ignored = ignoredBy(settings.ignoreTags ?? [])
  const tags = all.filter((tag) => allowed(tag) && !ignored(tag) && (strategy !== 'digest' || tag === image.tag))
  if (order || !needsMetadata(strategy)) {
    return tags.map((tag, at) => ({ tag, digest: '', created: order === 'latest-first' ? tags.length - at : at }))
  }
  const platforms = settings.platforms?.length ? settings.platforms : [OWN_PLATFORM]
  const found: Candidate[] = []
  for (const tag of tags) {
    const { digest, manifest } = await client.image(reference(tag), platforms[0])
    const config: OciConfig = JSON.parse((await client.blob(reference(tag), manifest.config.digest)).toString('utf8'))
    if (!platforms.some((platform) => isPlatform(config, platform))) continue
    const created = Date.parse(config.created ?? '')
    if (strategy === 'newest-build' && Number.isNaN(created)) continue
    found.push({ tag, digest: strategy === 'digest' ? digest : '', created, labels: config.config?.Labels })
  }
  return found
}

function isPlatform({ os, architecture, variant }: OciConfig, platform: string): boolean {
  const [wantedOs, wantedArchitecture, wantedVariant] = platform.split('/')
  return os === wantedOs && architecture === wantedArchitecture && (!wantedVariant || variant === wantedVariant)
}
