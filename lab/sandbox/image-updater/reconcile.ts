import { randomBytes } from 'node:crypto'
import { APPLICATIONS } from '../argocd/index.ts'
import { messageOf } from '../core/errors.ts'
import type { KubeClient, KubeObject } from '../core/kube-client.ts'
import { EVENTS, eventAbout } from '../core/kube-objects.ts'
import type { Logger } from './logger.ts'
import type { Application, ImageUpdaterSpec } from './resources.ts'
import { InvalidPattern, type Match, matchApplications, typeOf } from './select/applications.ts'
import type { Result } from './status.ts'
import { type UpdateOptions, updateApplication } from './update.ts'
import { type WriteBack, writeBackOf } from './write-back/config.ts'
import type { Change } from './write-back/message.ts'

type Work = Match & { readonly write: WriteBack }

/** Checks all Applications that an ImageUpdater is about, one after the other, and updates them. */
export async function reconcile(
  updater: KubeObject,
  options: UpdateOptions & { readonly now: () => number },
  logger: Logger,
): Promise<Result> {
  const { namespace } = updater.metadata
  const { items } = await options.kube.list(APPLICATIONS, { namespace })
  let matches: readonly Match[]
  try {
    matches = matchApplications(updater['spec'] as ImageUpdaterSpec, items as Application[], (application, why) =>
      logger.log('warning', `skipping app '${namespace}/${application.metadata.name}': ${why}`),
    )
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error
    logger.log('error', error.message)
    return { applications: 0, images: 0, errors: 0, changes: [], failure: error.message }
  }
  const work = matches.flatMap((match) => workOf(match, logger))
  logger.log('info', `Starting image update cycle, considering ${work.length} application(s) for update`)
  const total = { images: 0, skipped: 0, errors: 0, changes: [] as Change[] }
  for (const item of work) {
    const { name } = item.application.metadata
    const log = logger.with({ application: name })
    const { considered, skipped, errors, changes } = await updateApplication(item, item.write, options, log)
    total.images += considered
    total.skipped += skipped
    total.errors += errors
    total.changes.push(...changes)
    if (changes.length > 0) await announce(options.kube, item.application, changes, options.now(), log)
  }
  const { images, skipped, errors, changes } = total
  logger.log(
    'info',
    `Processing results: applications=${work.length} images_considered=${images} images_skipped=${skipped} images_updated=${changes.length} errors=${errors}`,
  )
  return { applications: work.length, images, errors, changes }
}

function workOf(match: Match, logger: Logger): readonly Work[] {
  const { application, writeBack } = match
  const name = `${application.metadata.namespace}/${application.metadata.name}`
  const type = typeOf(application, writeBack.gitConfig?.writeBackTarget)
  if (type === 'Helm' || type === 'Plugin') {
    logger.log('warning', `skipping app '${name}' of type '${type}' because it's not supported in this sandbox`)
    return []
  }
  if (type !== 'Kustomize') {
    logger.log('warning', `skipping app '${name}' of type '${type}' because it's not of supported source type`)
    return []
  }
  try {
    return [{ ...match, write: writeBackOf(application, writeBack) }]
  } catch (error) {
    logger.log('error', `Could not create write-back config, skipping: ${messageOf(error)}`, {
      application: application.metadata.name,
    })
    return []
  }
}

/** The event that the real program leaves on an Application that it updated. */
async function announce(
  kube: KubeClient,
  application: Application,
  changes: readonly Change[],
  now: number,
  logger: Logger,
): Promise<void> {
  const { name } = application.metadata
  const annotations = Object.fromEntries(
    changes.flatMap(({ fullName, name, oldVersion, newVersion }, at) => {
      const key = (field: string) => `argocd-image-updater.image-${at}/${field}`
      return [
        [key('full-image-name'), fullName],
        [key('image-name'), name],
        [key('old-tag'), oldVersion],
        [key('new-tag'), newVersion],
      ]
    }),
  )
  const event = eventAbout(application, {
    name: `${name}.${randomBytes(8).toString('hex')}`,
    type: 'Normal',
    reason: 'ImagesUpdated',
    message: `Successfully updated application '${name}'`,
    component: 'ArgocdImageUpdater',
    now,
    annotations,
  })
  await kube
    .create(EVENTS, event)
    .catch((error) => logger.log('warning', `Event could not be sent: ${messageOf(error)}`))
}
