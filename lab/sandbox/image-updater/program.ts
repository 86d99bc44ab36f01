import { messageOf } from '../core/errors.ts'
import { type Program, type ProgramContext, serveHealth, untilStopped } from '../core/program.ts'
import type { createRegistryClient } from '../registry/index.ts'
import { startController } from './controller.ts'
import { createLogger, type Logger } from './logger.ts'
import { reconcile } from './reconcile.ts'
import { createRegistries } from './registries.ts'
import { type RegistryConfig, readRegistries } from './registries-conf.ts'
import { readSettings } from './settings.ts'
import { commitMessages } from './write-back/message.ts'

export const VERSION = 'v1.3.0'

const HEALTH_PORT = 8081
const CONFIG = '/app/config/registries.conf'
const TEMPLATE = '/app/config/commit.template'

/** `argocd-image-updater run`: the controller; `version` prints the version. */
export const imageUpdaterProgram =
  (options: {
    readonly plainHosts: readonly string[]
    readonly registryClient: typeof createRegistryClient
  }): Program =>
  async (context) => {
    const [command = '', ...flags] = context.argv.slice(context.argv[0]?.startsWith('/') ? 1 : 0)
    if (command === 'version') {
      context.log(`argocd-image-updater: ${VERSION}`)
      return 0
    }
    if (command !== 'run') {
      context.log(`Error: unknown command "${command}" for "argocd-image-updater" (supported here: run, version)`)
      return 1
    }
    const now = () => context.clock.now()
    try {
      const settings = readSettings(flags, context.env, context.pod.namespace)
      const logger = createLogger(context.log, now, settings.level)
      logger.log(
        'info',
        `argocd-image-updater ${VERSION} starting [loglevel:${settings.level.toUpperCase()}, interval:${settings.interval / 1000}s, healthport:${HEALTH_PORT}]`,
      )
      const commitMessage = started('could not parse commit message template', TEMPLATE, logger, () =>
        commitMessages(context.readFile(TEMPLATE)),
      )
      const configured = started('could not load registry configuration', CONFIG, logger, () =>
        loadRegistries(context, logger),
      )
      if (!commitMessage || !configured) return 1
      await serveHealth(context, HEALTH_PORT)
      const fetch = (url: string, init?: RequestInit) => context.names.fetch(url, init)
      const registries = createRegistries({
        fetch,
        client: options.registryClient,
        configured,
        kube: context.kube,
        env: context.env,
        clock: context.clock,
        signal: context.signal,
      })
      const update = {
        kube: context.kube,
        registries,
        author: { name: settings.gitUser, email: settings.gitEmail },
        commitMessage,
        plainHosts: options.plainHosts,
        scratch: context.scratch,
        signal: context.signal,
        now,
      }
      startController({
        kube: context.kube,
        clock: context.clock,
        namespaces: settings.namespaces,
        interval: settings.interval,
        reconcile: (updater, log) => reconcile(updater, update, log),
        logger,
        signal: context.signal,
      })
      return await untilStopped(context)
    } catch (error) {
      createLogger(context.log, now, 'error').log('error', messageOf(error))
      return 1
    }
  }

/** What a file of the container leads to; undefined, and a line in the log, when the program cannot start with it. */
function started<Result>(failure: string, path: string, logger: Logger, read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    logger.log('error', failure, { error: messageOf(error), path })
    return undefined
  }
}

/** @throws Error when the real program would not start with the file */
function loadRegistries(context: ProgramContext, logger: Logger): readonly RegistryConfig[] {
  const path = CONFIG
  const text = context.readFile(path)
  if (text === undefined) {
    logger.log('info', 'Registry configuration not found or is a directory, using default configuration', { path })
    return []
  }
  const registries = readRegistries(text, context.readFile)
  for (const { apiUrl, tagOrder, refusal } of registries) {
    if (refusal) logger.log('error', refusal)
    if (!tagOrder) continue
    logger.log(
      'warning',
      `Registry ${apiUrl} has tag sort mode set to ${tagOrder}, meta data retrieval will be disabled for this registry.`,
    )
  }
  logger.log('info', `Loaded ${registries.length} registry configurations from ${path}`)
  return registries
}
