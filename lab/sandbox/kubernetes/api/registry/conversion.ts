import type { Resource } from '../../types.ts'

/** `v1`, `apps/v1` */
export const groupVersion = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`
