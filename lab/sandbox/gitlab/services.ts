import type { App } from './app.ts'
import type { Authenticator } from './auth/identity.ts'
import type { Scheduler } from './pipelines/scheduler.ts'
import type { Pushes } from './pushes.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

/** One grant for the registry. */
export type RegistryAccess = { readonly type: 'repository'; readonly name: string; readonly actions: readonly string[] }

type MaybePromise<T> = T | Promise<T>

/** What GitLab asks the image registry. */
export interface RegistryCatalog {
  /** The repository of that name, if it has images, and those below it. */
  repositories(prefix: string): MaybePromise<readonly { readonly name: string; readonly createdAt: string }[]>
  tags(
    repository: string,
  ): MaybePromise<
    readonly { readonly name: string; readonly digest: string; readonly createdAt: string; readonly size: number }[]
  >
  /** False if there is no such tag. */
  deleteTag(repository: string, tag: string): MaybePromise<boolean>
  deleteRepository(repository: string): MaybePromise<void>
}

/** The parts of GitLab that routes work with. */
export type Services = {
  readonly app: App
  readonly authenticator: Authenticator
  readonly scheduler: Scheduler
  readonly pushes: Pushes
  readonly webhooks: Webhooks
  readonly registry: RegistryCatalog
  readonly issueRegistryToken: (access: readonly RegistryAccess[], subject: string) => string
}
