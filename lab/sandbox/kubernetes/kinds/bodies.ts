import type { Resource } from '../types.ts'

const body = (group: string, version: string, kind: string, plural: string): Resource => ({
  group,
  version,
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['create'],
  subresources: [],
  hasGeneration: false,
})

/** Kinds that are sent to subresources and never stored; `decodeObject`, `applyDefaults` and `validate` know them. */
export const bodyKinds = {
  Scale: body('autoscaling', 'v1', 'Scale', 'scales'),
  Eviction: body('policy', 'v1', 'Eviction', 'evictions'),
  TokenRequest: body('authentication.k8s.io', 'v1', 'TokenRequest', 'tokenrequests'),
  DeleteOptions: body('', 'v1', 'DeleteOptions', 'deleteoptions'),
} as const satisfies Readonly<Record<string, Resource>>
