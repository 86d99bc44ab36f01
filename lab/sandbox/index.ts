import type { Clock, PendingTimer } from './core/clock.ts'

export type SandboxOptions = {
  /** Folder of the sandbox's own: stores, repositories, blobs, logs. Made with mode 0700 if absent. */
  readonly stateDir: string
  readonly clock: Clock
  /** A kubectl binary, used for its kustomize. */
  readonly kubectl: string
  /** Globs of image references that are treated as `registry.k8s.io/pause` when no registry has them. */
  readonly simulateImages?: readonly string[]
  /** What the sandbox has to say, a line each; secrets are left out. */
  log(line: string): void
}

export type Sandbox = {
  readonly kubernetes: {
    readonly url: string
    /** A kubeconfig file in the state folder, mode 0600, context `gitops-lab`. */
    readonly kubeconfig: string
  }
  readonly gitlab: {
    /** `http://127.0.0.1:<port>` */
    readonly url: string
    readonly user: string
    /** Scope api. */
    readonly token: string
    /** Scope write_repository. */
    readonly writeToken: string
  }
  /** `127.0.0.1:<port>` of the registry that is `registry.lab.test` inside. */
  readonly registry: { readonly host: string }
  /** Labelled timers of all components, the next one first. */
  timers(): readonly PendingTimer[]
  /** Saves every store under a name, replacing an older one of that name. */
  snapshot(name: string): Promise<void>
  /** Puts every store back to what it was; false if there is no such snapshot. */
  restore(name: string): Promise<boolean>
  snapshots(): Promise<readonly { readonly name: string; readonly takenAt: number }[]>
  stop(): Promise<void>
}
