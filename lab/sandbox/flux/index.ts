import type { BuiltInImage, Program } from '../core/program.ts'
import { kustomizeController } from './kustomize/program.ts'
import { sourceController } from './source/program.ts'

const image = (name: string, program: Program): BuiltInImage => ({
  repository: `ghcr.io/fluxcd/${name}`,
  entrypoint: [name],
  programs: { [name]: program },
})

/** Flux's controllers as built-in images. */
export function fluxImages(): readonly BuiltInImage[] {
  return [image('source-controller', sourceController), image('kustomize-controller', kustomizeController)]
}
