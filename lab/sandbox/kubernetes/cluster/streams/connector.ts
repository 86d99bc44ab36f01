import type { Connector } from '../../types.ts'
export const createConnector = (_: unknown): Connector => ({ serve: async () => {}, upgrade: async () => {} })
