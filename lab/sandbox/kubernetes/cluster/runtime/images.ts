import type { BuiltInImage } from '../../../core/program.ts'
import { matchesGlob } from './glob.ts'

/** What the sandbox reads of an image's OCI configuration. */
export type ImageConfig = {
  readonly config?: {
    readonly Env?: readonly string[]
    readonly Entrypoint?: readonly string[]
    readonly Cmd?: readonly string[]
    readonly WorkingDir?: string
    readonly StopSignal?: string
  }
}

export type PullSecret = { readonly registry: string; readonly username: string; readonly password: string }

export type PulledFiles = {
  readonly digest: string
  readonly config: ImageConfig
  /** The unpacked tree, shared: read only. */
  readonly rootfs: string
}

/** An image that is present on the nodes and can be run. */
export type LocalImage = {
  /** As the pod spec named it, with its tag. */
  readonly reference: string
  /** What the status calls imageID. */
  readonly id: string
} & (
  | { readonly kind: 'pause'; readonly simulated: boolean }
  | { readonly kind: 'built-in'; readonly image: BuiltInImage }
  | { readonly kind: 'files'; readonly files: PulledFiles }
)

export type ImageSources = {
  readonly builtInImages: readonly BuiltInImage[]
  readonly simulateImages: readonly string[]
  pull(reference: string, secrets: readonly PullSecret[]): Promise<PulledFiles>
  /** The image that was last pulled by this reference, without asking its registry. */
  find?(reference: string): Promise<PulledFiles | undefined>
}

const PAUSE = 'registry.k8s.io/pause'

/** `registry:5000/a/b:1.0@sha256:…` → `registry:5000/a/b` */
export function repositoryOf(reference: string): string {
  const name = reference.split('@')[0] as string
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

/** The images that pods can be made of: the built-in ones, and what registries have. */
export class Images {
  private readonly present = new Map<string, LocalImage>()

  constructor(private readonly sources: ImageSources) {}

  /** The image if no pull is needed for it. */
  async find(reference: string): Promise<LocalImage | undefined> {
    const known = this.present.get(reference) ?? this.builtIn(reference)
    if (known) return known
    const files = await this.sources.find?.(reference).catch(() => undefined)
    return files && this.keep(ofFiles(reference, files))
  }

  /** Asks the registry. An image that no registry has is treated as pause when the options say so. */
  async pull(reference: string, secrets: readonly PullSecret[]): Promise<LocalImage> {
    const known = this.builtIn(reference)
    if (known) return this.keep(known)
    try {
      return this.keep(ofFiles(reference, await this.sources.pull(reference, secrets)))
    } catch (error) {
      if (!this.sources.simulateImages.some((glob) => matchesGlob(glob, reference))) throw error
      return this.keep({ kind: 'pause', simulated: true, reference, id: reference })
    }
  }

  list(): readonly LocalImage[] {
    return [...new Map([...this.present.values()].map((image) => [image.reference, image])).values()]
  }

  private builtIn(reference: string): LocalImage | undefined {
    const repository = repositoryOf(reference)
    if (repository === PAUSE) return { kind: 'pause', simulated: false, reference, id: reference }
    const image = this.sources.builtInImages.find((candidate) => candidate.repository === repository)
    return image && { kind: 'built-in', image, reference, id: reference }
  }

  /** An image is found by what the pod spec calls it and by its id, by which a container is created. */
  private keep(image: LocalImage): LocalImage {
    this.present.set(image.reference, image)
    this.present.set(image.id, image)
    return image
  }
}

const ofFiles = (reference: string, files: PulledFiles): LocalImage => ({
  kind: 'files',
  files,
  reference,
  id: `${repositoryOf(reference)}@${files.digest}`,
})
