import { messageOf } from '../core/errors.ts'
import { Informer } from '../core/informer.ts'
import type { KubeObject, ResourceId } from '../core/kube-client.ts'
import { timestamp } from '../core/kube-objects.ts'
import { type Program, serveHealth, untilStopped } from '../core/program.ts'

const APPLICATION_SETS: ResourceId = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applicationsets' }

const REFUSAL = 'ApplicationSets are not supported by the sandbox: create the Applications themselves'

/** argocd-applicationset-controller: says of each ApplicationSet that nothing will come of it. */
export const applicationSetController: Program = async (context) => {
  const { kube, pod, signal, clock } = context
  await serveHealth(context, 8080)
  await context.listen(7000, (_, response) => response.writeHead(501).end(`${REFUSAL}\n`))
  context.log(`level=warning msg=${JSON.stringify(REFUSAL)}`)
  const refuse = async (set: KubeObject) => {
    const conditions: { type: string; message: string }[] = set['status']?.conditions ?? []
    if (conditions.some(({ type, message }) => type === 'ErrorOccurred' && message === REFUSAL)) return
    const condition = {
      type: 'ErrorOccurred',
      status: 'True',
      reason: 'ApplicationGenerationFromParamsError',
      message: REFUSAL,
      lastTransitionTime: timestamp(clock.now()),
    }
    const { name, namespace } = set.metadata
    await kube.patch(
      APPLICATION_SETS,
      name,
      namespace,
      'merge',
      { status: { conditions: [condition] } },
      { subresource: 'status' },
    )
    context.log(`level=error msg=${JSON.stringify(REFUSAL)} applicationset=${namespace}/${name}`)
  }
  new Informer(kube, APPLICATION_SETS, { namespace: pod.namespace }, signal, ({ after }) => {
    if (!after) return
    refuse(after).catch((error: unknown) => context.log(`level=error msg=${JSON.stringify(messageOf(error))}`))
  })
  return untilStopped(context)
}
