import { messageOf } from '../core/errors.ts'
import type { Logger } from './logger.ts'
import type { Registries } from './registries.ts'
import { type Candidate, newest, strategyOf } from './select/choose.ts'
import { fullName, type WantedImage } from './select/image.ts'

/** The newest tag that is allowed; undefined when there is none. @throws Error with the line for the log */
export async function lookUp(
  { image, settings, unsupported }: WantedImage,
  namespace: string,
  registries: Registries,
  log: Logger,
): Promise<Candidate | undefined> {
  if (unsupported) throw new Error(`not supported in this sandbox: ${unsupported}`)
  const { strategy, note } = strategyOf(settings.updateStrategy ?? 'semver')
  if (note) log.log('warning', note)
  const warn = (text: string) => log.log('warning', text)
  const endpoint = await during('Could not get registry endpoint from configuration', () => registries.endpoint(image))
  const { tagOrder } = endpoint.config
  if (tagOrder && strategy === 'newest-build') {
    log.log(
      'info',
      `taglistsort is set to '${tagOrder}' but update strategy '${strategy}' requires metadata. Results may not be what you expect.`,
    )
  }
  const owner = /^(?:pull)?secret:([^/]*)\//.exec(settings.pullSecret ?? '')?.[1]
  if (owner !== undefined && owner !== namespace) {
    throw new Error(`commonUpdateSettings.pullSecret namespace '${owner}' differs from app namespace '${namespace}'`)
  }
  const ask = async (isRepeated: boolean): Promise<readonly Candidate[]> => {
    const credentials = await during('Could not set registry endpoint credentials', () =>
      endpoint.credentials(settings.pullSecret, warn),
    )
    try {
      return await endpoint.candidates(credentials, image, strategy, settings, warn)
    } catch (error) {
      if (isRepeated || settings.pullSecret || !endpoint.forget(error)) {
        throw new Error(`Could not get tags from registry: ${messageOf(error)}`)
      }
      log.log('info', 'credentials invalid (401/403), refetching and retrying once')
      return ask(true)
    }
  }
  const candidates = await ask(false)
  return during('Unable to find newest version from available tags', () => {
    const found = newest(candidates, strategy, image.tag)
    if (!found) log.log('warning', `no tags for image ${fullName(image)} matched constraint "${image.tag}"`)
    return found
  })
}

async function during<Result>(what: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`)
  }
}
