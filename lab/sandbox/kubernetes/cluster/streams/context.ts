import type { ServiceRouter } from '../network/services.ts'
import type { Objects } from '../objects.ts'
import type { Host } from '../runtime/container.ts'
import type { PodNetwork } from '../runtime/network.ts'
import type { ContainerTable } from '../webernetes/cri.ts'

/** What connections to pods need of the cluster. */
export type StreamContext = {
  readonly objects: Objects
  readonly containers: ContainerTable
  readonly network: PodNetwork
  readonly router: ServiceRouter
  readonly host: Omit<Host, 'write'>
}
