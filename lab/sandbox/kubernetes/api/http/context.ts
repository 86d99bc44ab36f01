import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../core/clock.ts'
import type { Connector, Resource } from '../../types.ts'
import type { Kinds } from '../kinds.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import type { History } from './history.ts'
import type { ResourcePath } from './request-info.ts'
import type { Tokens, User } from './tokens.ts'

/** What all handlers share. */
export type Api = {
  readonly registry: StoreRegistry
  readonly kinds: Kinds
  readonly clock: Clock
  readonly history: History
  readonly tokens: Tokens
  readonly connector: Connector
}

/** One request. */
export type Call = {
  readonly api: Api
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly user: User
}

/** A request that a resource was found for. */
export type ResourceCall = Call & { readonly resource: Resource; readonly path: ResourcePath }
