import { parseDuration } from '../../core/duration.ts'

const SHORTEST = 30_000

/** How long a Kustomization may take: `timeout`, else the interval less 30 s; never under 30 s. */
export const timeoutOf = (spec: { readonly timeout?: string; readonly interval: string }): number =>
  Math.max(SHORTEST, spec.timeout ? parseDuration(spec.timeout) : parseDuration(spec.interval) - SHORTEST)
