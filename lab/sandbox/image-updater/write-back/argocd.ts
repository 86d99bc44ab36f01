import { APPLICATIONS } from '../../argocd/index.ts'
import { type KubeClient, KubeError } from '../../core/kube-client.ts'
import { type Application, type ApplicationSource, FIELD_MANAGER, sourceOf } from '../resources.ts'

/** Kustomize images of an Application's source as they are set now. */
export const imagesOf = (application: Application): readonly string[] => sourceOf(application)?.kustomize?.images ?? []

/** An Application with other Kustomize images in its source. */
function withImages(application: Application, images: readonly string[]): Application {
  const change = (source: ApplicationSource): ApplicationSource => ({
    ...source,
    kustomize: { ...source.kustomize, images },
  })
  const { spec } = application
  const { source, sources } = spec
  if (sources?.length)
    return { ...application, spec: { ...spec, sources: sources.with(0, change(sources[0] as ApplicationSource)) } }
  return { ...application, spec: { ...spec, source: change(source as ApplicationSource) } }
}

/** Puts the images into the Application itself; a write that came between is overwritten, as by the real program. */
export async function writeToApplication(
  kube: KubeClient,
  application: Application,
  images: readonly string[],
): Promise<void> {
  const { spec, metadata } = withImages(application, images)
  for (let attempt = 1; ; attempt++) {
    const fresh = await kube.get(APPLICATIONS, metadata.name, metadata.namespace)
    try {
      await kube.update(APPLICATIONS, { ...fresh, spec }, { fieldManager: FIELD_MANAGER })
      return
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 409) || attempt === 5) throw error
    }
  }
}
