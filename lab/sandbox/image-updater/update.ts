import { messageOf } from '../core/errors.ts'
import type { GitCredentials } from '../core/git.ts'
import type { KubeClient } from '../core/kube-client.ts'
import type { Logger } from './logger.ts'
import { lookUp } from './look-up.ts'
import type { Registries } from './registries.ts'
import type { Match } from './select/applications.ts'
import { type Strategy, strategyOf } from './select/choose.ts'
import {
  type ContainerImage,
  fullName,
  fullNameWithTag,
  mergeKustomizeImage,
  parseImage,
  sameName,
  versionOf,
  type WantedImage,
} from './select/image.ts'
import { imagesOf, writeToApplication } from './write-back/argocd.ts'
import type { WriteBack } from './write-back/config.ts'
import { gitCredentials } from './write-back/credentials.ts'
import { writeToGit } from './write-back/git.ts'
import type { Change, CommitMessage } from './write-back/message.ts'

/** What came of one Application. */
export type Outcome = {
  /** Images that run, or are wanted in any case. */
  readonly considered: number
  readonly skipped: number
  readonly errors: number
  /** Written, so empty when writing failed. */
  readonly changes: readonly Change[]
}

export type UpdateOptions = {
  readonly kube: KubeClient
  readonly registries: Registries
  readonly author: { readonly name: string; readonly email: string }
  readonly commitMessage: CommitMessage
  /** Hosts of repositories that may be written to by plain http. */
  readonly plainHosts: readonly string[]
  readonly scratch: string
  readonly signal: AbortSignal
}

/** Looks for newer images of one Application and writes what it finds. */
export async function updateApplication(
  { application, images }: Match,
  writeBack: WriteBack,
  options: UpdateOptions,
  logger: Logger,
): Promise<Outcome> {
  const running = (application.status?.summary?.images ?? []).map(parseImage)
  const changes: Change[] = []
  let overrides = imagesOf(application)
  let considered = 0
  let errors = 0
  for (const wanted of images) {
    const log = logger.with({ alias: wanted.alias, image_name: wanted.image.name, registry: wanted.image.registry })
    const live = liveImage(wanted, running)
    if (!live) {
      log.log('debug', `Image '${fullName(wanted.image)}' seems not to be live in this application, skipping`)
      continue
    }
    considered += 1
    try {
      const found = await lookUp(wanted, application.metadata.namespace ?? '', options.registries, log)
      if (!found) continue
      const next = { ...wanted.image, tag: found.tag, digest: found.digest }
      const override = `${wanted.kustomizeName ? `${fullName(wanted.kustomizeName)}=` : ''}${fullNameWithTag(next)}`
      const isNew = needsUpdate(wanted, live, next, strategyOf(wanted.settings.updateStrategy ?? 'semver').strategy)
      if (isNew && writeBack.method === 'argocd' && overrides.includes(override)) {
        log.log('info', `New image ${fullNameWithTag(next)} already set in spec`)
        continue
      }
      overrides = mergeKustomizeImage(overrides, override)
      if (!isNew) {
        log.log('debug', `Image '${fullNameWithTag(next)}' already on latest allowed version`)
        continue
      }
      log.log('info', `Setting new image to ${fullNameWithTag(next)}`)
      log.log(
        'info',
        `Successfully updated image '${fullNameWithTag(live)}' to '${fullNameWithTag(next)}', but pending spec update (dry run=false)`,
      )
      changes.push({
        alias: wanted.alias,
        fullName: fullName(next),
        name: next.name,
        oldVersion: versionOf(live),
        newVersion: versionOf(next),
        labels: found.labels ?? {},
      })
    } catch (error) {
      if (options.signal.aborted) throw error
      log.log('error', messageOf(error))
      errors += 1
    }
  }
  const skipped = images.length - considered
  if (changes.length === 0) return { considered, skipped, errors, changes }
  const { name } = application.metadata
  logger.log('info', `Committing ${changes.length} parameter update(s) for application ${name}`)
  try {
    if (writeBack.method === 'argocd') await writeToApplication(options.kube, application, overrides)
    else await commit(name, application.metadata.namespace ?? '', writeBack, overrides, changes, options, logger)
    logger.log('info', 'Successfully updated the live application spec')
    return { considered, skipped, errors, changes }
  } catch (error) {
    if (options.signal.aborted) throw error
    logger.log('error', `Could not update application spec: ${messageOf(error)}`)
    return { considered, skipped, errors: errors + 1, changes: [] }
  }
}

/** The running image that is meant; one that does not run counts only when the update is forced. */
function liveImage(
  { image, kustomizeName, settings }: WantedImage,
  running: readonly ContainerImage[],
): ContainerImage | undefined {
  const named = (name: ContainerImage | undefined) => name && running.find((other) => sameName(other, name))
  const live = named(kustomizeName) ?? named(image)
  return live ?? (settings.forceUpdate ? { ...image, tag: '', digest: '' } : undefined)
}

function needsUpdate(
  { kustomizeName, image }: WantedImage,
  live: ContainerImage,
  next: ContainerImage,
  strategy: Strategy,
): boolean {
  if (strategy === 'digest' && live.digest === '') return true
  const isSame = live.digest ? live.digest === next.digest : live.tag === next.tag
  return !isSame || (kustomizeName !== undefined && !sameName(live, image))
}

async function commit(
  name: string,
  namespace: string,
  writeBack: Extract<WriteBack, { method: 'git' }>,
  images: readonly string[],
  changes: readonly Change[],
  options: UpdateOptions,
  logger: Logger,
): Promise<void> {
  const { kube, author, plainHosts, scratch, signal } = options
  const credentials: GitCredentials = await gitCredentials(kube, writeBack, namespace, plainHosts)
  let message = `build: update of application ${name}`
  try {
    message = options.commitMessage(name, changes)
  } catch (error) {
    logger.log('error', `could not execute template for Git commit message: ${messageOf(error)}`)
  }
  await writeToGit({ writeBack, credentials, images, message, author, scratch, hosts: plainHosts, signal, logger })
}
