import type { Clock } from '../core/clock.ts'
import type { KubeClient } from '../core/kube-client.ts'
import { type Credentials, type createRegistryClient, type Fetch, RegistryError } from '../registry/index.ts'
import { rateLimit } from './rate-limit.ts'
import type { RegistryConfig } from './registries-conf.ts'
import type { CommonUpdateSettings } from './resources.ts'
import { registryCredentials } from './secrets.ts'
import type { Candidate, Strategy } from './select/choose.ts'
import type { ContainerImage } from './select/image.ts'
import { candidatesOf } from './tags.ts'

export type Registries = {
  /** What reads one image's registry. @throws Error when the sandbox cannot use its configuration */
  endpoint(image: ContainerImage): Endpoint
}

export type Endpoint = {
  readonly config: RegistryConfig
  /** The image's own credentials, else the registry's. @throws Error when they cannot be had */
  credentials(pullSecret: string | undefined, warn: (text: string) => void): Promise<Credentials | undefined>
  /**
   * Whether the registry's credentials were refused before their time: then they are forgotten, and it is worth another
   * try.
   */
  forget(error: unknown): boolean
  /** Tags that may be chosen, with what the strategy wants to know of them. @throws Error, RegistryError */
  candidates(
    credentials: Credentials | undefined,
    image: ContainerImage,
    strategy: Strategy,
    settings: CommonUpdateSettings,
    warn: (text: string) => void,
  ): Promise<readonly Candidate[]>
}

export type RegistriesOptions = {
  readonly fetch: Fetch
  readonly client: typeof createRegistryClient
  readonly configured: readonly RegistryConfig[]
  readonly kube: KubeClient
  readonly env: ReadonlyMap<string, string>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A registry that is not configured. The real program's rates for such ones are not kept: nothing here asks for them. */
const registryAt = (name: string, prefix: string, apiUrl: string, defaultNamespace = ''): RegistryConfig => ({
  name,
  prefix,
  apiUrl,
  isDefault: false,
  defaultNamespace,
  credentials: '',
  credsExpire: 0,
  limit: 0,
  tagOrder: undefined,
  refusal: undefined,
})
const DOCKER_HUB = registryAt('Docker Hub', 'docker.io', 'https://registry-1.docker.io', 'library')

/** Finds registries of images: by their name, else the one with the longest prefix, else by that name over https. */
export function createRegistries(options: RegistriesOptions): Registries {
  const known = new Map([DOCKER_HUB, ...options.configured].map((config) => [config.prefix, config]))
  const endpoints = new Map<RegistryConfig, Endpoint>()

  function configOf({ registry, name }: ContainerImage): RegistryConfig {
    if (registry === '') return options.configured.find(({ isDefault }) => isDefault) ?? DOCKER_HUB
    const exact = known.get(registry)
    if (exact) return exact
    const [longest] = [...known.values()]
      .filter(({ prefix }) => `${registry}/${name}`.startsWith(prefix))
      .sort((a, b) => b.prefix.length - a.prefix.length)
    const config = longest ?? registryAt(registry, registry, `https://${registry}`)
    known.set(config.prefix, config)
    return config
  }

  return {
    endpoint(image) {
      const config = configOf(image)
      if (config.refusal) throw new Error(config.refusal)
      const endpoint = endpoints.get(config) ?? createEndpoint(config, options)
      endpoints.set(config, endpoint)
      return endpoint
    },
  }
}

function createEndpoint(config: RegistryConfig, options: RegistriesOptions): Endpoint {
  const { apiUrl, credsExpire, limit, defaultNamespace } = config
  const { host, protocol } = new URL(apiUrl)
  const turn = limit > 0 ? rateLimit(options.clock, limit, options.signal) : undefined
  const fetch: Fetch = async (url, init) => {
    if (new URL(url).host === host) await turn?.()
    return options.fetch(url, init)
  }
  let cached: { readonly credentials: Credentials; readonly read: number } | undefined
  const isExpired = () => credsExpire > 0 && cached !== undefined && options.clock.now() - cached.read >= credsExpire

  return {
    config,
    async credentials(pullSecret, warn) {
      const read = (reference: string) => registryCredentials(options.kube, options.env, reference, apiUrl, warn)
      if (pullSecret) return read(pullSecret)
      if (config.credentials === '') return undefined
      if (!cached || isExpired()) {
        cached = { credentials: await read(config.credentials), read: options.clock.now() }
      }
      return cached.credentials
    },

    forget(error) {
      const isRefusal = error instanceof RegistryError && (error.status === 401 || error.status === 403)
      if (!isRefusal || !cached || credsExpire === 0 || isExpired()) return false
      cached = undefined
      return true
    },

    candidates(credentials, image, strategy, settings, warn) {
      const hosts = protocol === 'http:' ? { hosts: [host] } : {}
      const client = options.client({ fetch, credentials, ...hosts })
      const isShort = defaultNamespace !== '' && !image.name.includes('/')
      const repository = isShort ? `${defaultNamespace}/${image.name}` : image.name
      return candidatesOf(client, { host, repository }, config.tagOrder, image, strategy, settings, warn)
    },
  }
}
