import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { closeServer, listenOn, listenOnLoopback } from '../core/http.ts'
import type { Names } from '../core/names.ts'
import type { Store } from '../core/store.ts'
import type { App } from './app.ts'
import { createAuthenticator, JobTokens } from './auth/identity.ts'
import { installHooks } from './git/hook-scripts.ts'
import type { JobTools } from './pipelines/job-runner.ts'
import { Scheduler } from './pipelines/scheduler.ts'
import { Pushes } from './pushes.ts'
import { removeExpiredProjects } from './removal.ts'
import { seed } from './seed.ts'
import { createGitlabServer } from './server.ts'
import type { RegistryAccess, RegistryCatalog, Services } from './services.ts'
import { recordsOf } from './store.ts'
import { Webhooks } from './webhooks/webhooks.ts'

export type { JobTools } from './pipelines/job-runner.ts'
export type { RegistryAccess, RegistryCatalog } from './services.ts'

export type GitlabOptions = {
  /** Holds the records, the tokens' digests and the two tokens of the lab: its file must be the owner's alone. */
  readonly store: Store
  /** Repositories, job logs, artifacts and work trees. */
  readonly stateDir: string
  /** Used at the first start; from then on the port is the one in the store. 0 or absent: any free one. */
  readonly port?: number
  /** Where the server is reached from other machines: on this port of all addresses, by these host names, too. */
  readonly web?: WebAccess
  readonly clock: Clock
  /** Names of the sandbox, for webhooks; undefined as long as the cluster is not up. */
  readonly names: () => Names | undefined
  readonly issueRegistryToken: (access: readonly RegistryAccess[], subject: string) => string
  readonly registry: RegistryCatalog
  readonly jobTools: JobTools
  log(line: string): void
}

/** Leave to be reached from beyond this machine. */
export type WebAccess = { readonly port: number; readonly hosts: readonly string[] }

export type Gitlab = {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly user: string
  /** Scope api. */
  readonly token: string
  /** Scope write_repository. */
  readonly writeToken: string
  /** Resolves when pushes have been followed up and no job runs. */
  idle(): Promise<void>
  /** Ends jobs, which run again at the next start, and closes the server. */
  stop(): Promise<void>
}

const PORT = 'gitlab/port'

/** Starts GitLab, or goes on with what the store and the folder hold. @throws PortTaken */
export async function createGitlab(options: GitlabOptions): Promise<Gitlab> {
  const { store, stateDir, clock, log } = options
  for (const folder of ['repositories', 'traces', 'artifacts', 'builds']) {
    mkdirSync(join(stateDir, folder), { recursive: true, mode: 0o700 })
  }
  for (const name of readdirSync(stateDir)) {
    if (name.startsWith('plan-')) rmSync(join(stateDir, name), { recursive: true, force: true })
  }
  installHooks(join(stateDir, 'hooks'))

  let url = ''
  const app: App = { records: recordsOf(store), clock, stateDir, url: () => url, log }
  const { user, token, writeToken } = seed(app, store)
  const jobTokens = new JobTokens()
  const webhooks = new Webhooks(app, options.names)
  const scheduler = new Scheduler({
    app,
    jobTools: options.jobTools,
    jobTokens,
    onPipeline: (pipeline) => webhooks.pipeline(pipeline),
    onJob: (job) => webhooks.job(job),
  })
  const pushes = new Pushes(app, scheduler, webhooks)
  const services: Services = {
    app,
    authenticator: createAuthenticator(app.records, jobTokens, clock),
    scheduler,
    pushes,
    webhooks,
    registry: options.registry,
    issueRegistryToken: options.issueRegistryToken,
  }
  const { web } = options
  const server = createGitlabServer(services, web?.hosts)
  const kept = store.get(PORT)?.value as number | undefined
  const port = await (web ? listenOn(server, web.port, '0.0.0.0') : listenOnLoopback(server, kept ?? options.port))
  if (kept !== port) store.put(PORT, port)
  url = `http://127.0.0.1:${port}`
  await removeExpiredProjects(services)
  scheduler.start()
  await pushes.recover()

  return {
    url,
    user: user.username,
    token,
    writeToken,
    async idle() {
      await pushes.settled()
      await scheduler.idle()
    },
    async stop() {
      await closeServer(server)
      await pushes.settled()
      await scheduler.stop()
      await webhooks.stop()
    },
  }
}
