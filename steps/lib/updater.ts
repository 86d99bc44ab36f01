import { blocked, type KubeObject, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { meaningOf } from './answers.ts'
import { cause } from './causes.ts'
import { DEPLOYMENTS, IMAGE_UPDATERS } from './names.ts'
import { absent, condition } from './objects.ts'
import { podsOf, RESTART_UPDATER, UPDATER, waitFor } from './waiting.ts'

export const INSTALL_UPDATER =
  'Install Image Updater: kubectl apply --namespace argocd -f "$LAB_DIR/manifests/image-updater/install.yaml"'

/** How often Image Updater looks, in milliseconds. */
const INTERVAL = 120_000

type Looks = { readonly verdict: Verdict; readonly constraint?: string; readonly until?: number | undefined }

/** Whether Image Updater looks at the app's image without an error; with its constraint, and when it looks again. */
export async function updaterLooks(lab: Lab): Promise<Looks> {
  const wanted = { resource: IMAGE_UPDATERS, kind: 'ImageUpdater', name: 'my-nodejs-app', namespace: 'argocd' }
  const object = await lab.kube.get(wanted.resource, wanted.name, wanted.namespace)
  const expected = 'ImageUpdater my-nodejs-app manages one image of one Application'
  if (!object) return { verdict: await absent(lab, wanted, expected, INSTALL_UPDATER) }
  const { status = {}, metadata } = object as KubeObject
  const error = condition(object, 'Error')
  if (error?.status === 'True') return { verdict: await failing(lab, expected, `${error.reason}: ${error.message}`) }
  const until = Date.parse(status.lastCheckedAt ?? '') + INTERVAL || undefined
  if (status.observedGeneration !== metadata.generation || status.lastCheckedAt === undefined) {
    const found = 'it has not looked since the ImageUpdater was written'
    return {
      verdict: await waitFor(lab, {
        expected,
        found,
        actor: 'Image Updater',
        on: 'ImageUpdater argocd/my-nodejs-app',
        until,
      }),
    }
  }
  if (status.applicationsMatched !== 1 || status.imagesManaged !== 1) {
    return {
      verdict: blocked({
        expected,
        found: `it manages ${status.imagesManaged ?? 0} images of ${status.applicationsMatched ?? 0} Applications`,
        cause: cause('image-not-matched', sayOfSpec(object)),
        next: "Compare them with what runs: kubectl get application my-nodejs-app --namespace argocd --output jsonpath='{.status.summary.images}'",
      }),
    }
  }
  return { verdict: passed(), constraint: constraintOf(object), until }
}

type Reference = { readonly namePattern?: string; readonly images?: readonly { readonly imageName?: string }[] }

const references = (object: KubeObject): readonly Reference[] => object['spec']?.applicationRefs ?? []

const sayOfSpec = (object: KubeObject): string =>
  references(object)
    .map(
      ({ namePattern, images }) =>
        `It names ${images?.map(({ imageName }) => imageName).join(', ') ?? 'no image'} of Applications ${namePattern}.`,
    )
    .join(' ')

/** What stands behind the last colon of `imageName`: `~1.0`. */
function constraintOf(object: KubeObject): string | undefined {
  const name = references(object)[0]?.images?.[0]?.imageName ?? ''
  return name.split('/').at(-1)?.split(':')[1]
}

/** The cause of a failed check is in the controller's log alone. */
async function failing(lab: Lab, expected: string, found: string): Promise<Verdict> {
  const deployment = await lab.kube.get(DEPLOYMENTS, UPDATER, 'argocd')
  const [pod] = deployment ? await podsOf(lab, deployment) : []
  const log = pod ? await lab.kube.logs(pod.metadata.name, 'argocd', { tail: 200 }) : ''
  const line = log
    .split('\n')
    .filter((text) => /level="?(error|warn)|Could not|could not/i.test(text))
    .at(-1)
  const message = /msg="((?:[^"\\]|\\.)*)"/.exec(line ?? '')?.[1]?.replaceAll('\\"', '"') ?? line
  const known = message === undefined ? undefined : meaningOf(message)
  return blocked({
    expected,
    found: message === undefined ? found : `${found} Its log says: ${message}`,
    cause: known && cause(known.cause),
    next: known
      ? `${known.next} It looks again within two minutes; to wait less, run: ${RESTART_UPDATER}`
      : `Read its log: kubectl logs deployment/${UPDATER} --namespace argocd`,
  })
}
