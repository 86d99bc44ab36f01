import type { Registry } from '../types.ts'
import { type RegistryOptions, StoreRegistry } from './registry/registry.ts'

export type { Kinds } from './kinds.ts'

/** The API server without HTTP. Resources of stored CustomResourceDefinitions are there at once. */
export const createRegistry = (options: RegistryOptions): Registry => new StoreRegistry(options)
