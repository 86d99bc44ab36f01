import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Store } from '../../core/store.ts'
import * as builtIn from '../kinds/index.ts'
import type { Connector, KubeObject, Registry } from '../types.ts'
import { bootstrap, publishEndpoint } from './controllers/bootstrap.ts'
import { DefinitionController } from './controllers/definition-controller.ts'
import { DisruptionController } from './controllers/disruption-controller.ts'
import { EventExpiry } from './controllers/event-expiry.ts'
import { GarbageCollector } from './controllers/garbage-collector.ts'
import { NamespaceContent } from './controllers/namespace-content.ts'
import { NamespaceController } from './controllers/namespace-controller.ts'
import { QuotaController } from './controllers/quota-controller.ts'
import { RoleAggregation } from './controllers/role-aggregation.ts'
import { loadCredentials } from './http/certificates.ts'
import { History } from './http/history.ts'
import { type ApiHttpServer, serve } from './http/server.ts'
import { Tokens } from './http/tokens.ts'
import type { Kinds } from './kinds.ts'
import { SERVICE_ACCOUNTS } from './registry/admission.ts'
import { keyOf } from './registry/keys.ts'
import { type RegistryOptions, StoreRegistry } from './registry/registry.ts'

export type { Kinds } from './kinds.ts'

/** The API server without HTTP. Resources of stored CustomResourceDefinitions are there at once. */
export const createRegistry = (options: RegistryOptions): Registry => new StoreRegistry(options)

export type ApiServerOptions = {
  readonly store: Store
  readonly clock: Clock
  /** Keys and certificates are kept in `pki` below it, readable by the owner only. */
  readonly stateDir: string
  /** 0 or absent: a free one. */
  readonly port?: number
  readonly connector: Connector
  readonly kinds?: Kinds
  readonly log: (line: string) => void
}

export type ApiServer = {
  readonly registry: Registry
  /** PEM */
  readonly caCertificate: string
  /** Token of `kubernetes-admin`, who may do everything. */
  readonly adminToken: string
  /** A token of a service account that exists; it lasts for a year. */
  tokenFor(namespace: string, serviceAccount: string): string
  /** Serves HTTPS on loopback and returns the URL. @throws PortTaken */
  start(): Promise<string>
  stop(): Promise<void>
}

const YEAR_SECONDS = 365 * 24 * 3600

/**
 * An API server over a Store, with the controllers that belong to it: garbage, namespaces,
 * definitions, disruption budgets, quotas, aggregated roles, event expiry.
 */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, stateDir, connector, log, kinds = builtIn } = options
  const registry = new StoreRegistry({ store, clock, kinds, log })
  const credentials = loadCredentials(join(stateDir, 'pki'), clock.now())
  const account = (namespace: string, name: string) =>
    store.get(keyOf(SERVICE_ACCOUNTS, namespace, name))?.value as KubeObject | undefined
  const tokens = new Tokens(credentials.adminToken, credentials.tokenKey, () => clock.now(), account)
  bootstrap(registry)
  const controllers = [
    new GarbageCollector(registry, { clock, log }),
    new NamespaceController(registry, { clock, log }),
    new DefinitionController(registry, { clock, log }),
    new NamespaceContent(registry, credentials.ca, { clock, log }),
    new DisruptionController(registry, { clock, log }),
    new QuotaController(registry, { clock, log }),
    new RoleAggregation(registry, { clock, log }),
    new EventExpiry(registry, clock),
  ]
  // What came before is history that no client can ask for.
  const history = new History(store, registry.storage.feed)
  let server: ApiHttpServer | undefined
  return {
    registry,
    caCertificate: credentials.ca,
    adminToken: credentials.adminToken,
    tokenFor: (namespace, name) => {
      const uid = account(namespace, name)?.metadata.uid
      if (!uid) throw new Error(`service account ${namespace}/${name} does not exist`)
      return tokens.issue(namespace, name, uid, YEAR_SECONDS)
    },
    start: async () => {
      const api = { registry, kinds, clock, history, tokens, connector }
      server = await serve(api, credentials, options.port ?? 0, log)
      publishEndpoint(registry, Number(new URL(server.url).port))
      return server.url
    },
    stop: async () => {
      for (const controller of controllers) controller.close()
      history.close()
      registry.storage.feed.close()
      await server?.close()
    },
  }
}
