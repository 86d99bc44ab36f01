import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { Repository } from './git/repository.ts'
import type { Records } from './store.ts'

/** What all parts of GitLab share. */
export type App = {
  readonly records: Records
  readonly clock: Clock
  readonly stateDir: string
  /** `http://127.0.0.1:<port>`, known once the server listens. */
  url(): string
  log(line: string): void
}

export const nowOf = (app: Pick<App, 'clock'>): string => new Date(app.clock.now()).toISOString()

export const repositoryOf = (app: Pick<App, 'stateDir'>, project: { readonly id: number }): Repository =>
  Repository.at(join(app.stateDir, 'repositories'), project.id)

export const tracePath = (app: Pick<App, 'stateDir'>, job: { readonly id: number }): string =>
  join(app.stateDir, 'traces', `${job.id}.log`)

export const artifactsPath = (app: Pick<App, 'stateDir'>, job: { readonly id: number }): string =>
  join(app.stateDir, 'artifacts', `${job.id}.zip`)
