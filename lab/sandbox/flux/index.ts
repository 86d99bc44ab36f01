import type { BuiltInImage, Program } from '../core/program.ts'
import { imageAutomationController } from './automation/program.ts'
import { imageReflectorController } from './image/program.ts'
import type { RegistryReaderFactory } from './image/registry.ts'
import { kustomizeController } from './kustomize/program.ts'
import { sourceController } from './source/program.ts'

export type { RegistryReaderFactory } from './image/registry.ts'

export type FluxOptions = {
  /** Makes the client that image-reflector-controller reads a registry with. */
  readonly createRegistryClient: RegistryReaderFactory
}

const image = (name: string, program: Program): BuiltInImage => ({
  repository: `ghcr.io/fluxcd/${name}`,
  entrypoint: [name],
  programs: { [name]: program },
})

/** Flux's controllers as built-in images, any tag of them. */
export const fluxImages = ({ createRegistryClient }: FluxOptions): readonly BuiltInImage[] => [
  image('source-controller', sourceController),
  image('kustomize-controller', kustomizeController),
  image('image-reflector-controller', imageReflectorController(createRegistryClient)),
  image('image-automation-controller', imageAutomationController),
]
