/** An object as the Kubernetes API answers it. */
export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly generation?: number
    readonly creationTimestamp: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  // biome-ignore lint/suspicious/noExplicitAny: the fields below depend on the kind, which the reader knows
  readonly [field: string]: any
}

/**
 * Reads the cluster. A resource is named as kubectl takes it with its group: `pods`, `deployments.apps`,
 * `applications.argoproj.io`. A kind that the cluster does not have reads as absent.
 */
export interface KubeReader {
  get(resource: string, name: string, namespace?: string): Promise<KubeObject | undefined>
  list(resource: string, options?: { namespace?: string; labelSelector?: string }): Promise<readonly KubeObject[]>
  /** Events of one object, oldest first. */
  events(object: { kind: string; name: string; namespace: string }): Promise<readonly KubeObject[]>
  /** GET of any path of the API server. */
  raw(path: string): Promise<{ status: number; body: string }>
  /** A container's log, last lines; '' if there is none. */
  logs(pod: string, namespace: string, options?: { container?: string; tail?: number }): Promise<string>
}

export type GitlabProject = {
  readonly id: number
  readonly path: string
  readonly visibility: string
  readonly defaultBranch: string | null
  readonly webUrl: string
  readonly cloneUrl: string
}
export type GitlabCommit = {
  readonly sha: string
  readonly title: string
  readonly message: string
  readonly author: string
  readonly createdAt: string
}
export type GitlabPipeline = {
  readonly id: number
  readonly iid: number
  readonly status: string
  readonly ref: string
  readonly sha: string
  readonly webUrl: string
  readonly createdAt: string
  readonly finishedAt: string | null
  readonly yamlErrors: string | null
}
export type GitlabJob = {
  readonly id: number
  readonly name: string
  readonly stage: string
  readonly status: string
  readonly failureReason: string | null
}

/** Reads GitLab through its REST API. A project is named by its path without the user's namespace. */
export interface GitlabReader {
  user(): Promise<{ username: string } | undefined>
  project(name: string): Promise<GitlabProject | undefined>
  branches(project: string): Promise<readonly string[]>
  /** Newest first; empty for a missing branch or project. */
  commits(project: string, ref?: string): Promise<readonly GitlabCommit[]>
  file(project: string, path: string, ref?: string): Promise<string | undefined>
  /** Newest first. */
  pipelines(project: string): Promise<readonly GitlabPipeline[]>
  jobs(project: string, pipeline: number): Promise<readonly GitlabJob[]>
  trace(project: string, job: number): Promise<string>
}

/** Reads the image registry. */
export interface RegistryReader {
  /** Tags of `<project>[/<sub>]` of the user; empty if there are none. */
  tags(project: string): Promise<readonly string[]>
}

export interface HttpReader {
  /** Undefined when nothing answers within two seconds. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; body: string } | undefined>
}

/** Reads the learner's folder. Paths are relative to LAB_DIR. */
export interface FilesReader {
  read(path: string): Promise<string | undefined>
  exists(path: string): Promise<boolean>
}

/** Reads the learner's clones. `directory` is relative to LAB_DIR. */
export interface GitReader {
  /** Undefined when the folder is no git work tree. */
  status(directory: string): Promise<
    | {
        readonly branch: string | null
        readonly head: string | null
        readonly remotes: Readonly<Record<string, string>>
        readonly changed: readonly string[]
        readonly unpushed: number | null
      }
    | undefined
  >
}

/** Asks the programs that the steps' commands would run. */
export interface ToolsReader {
  /** The version as `1.2.3`, '' if the program tells none; undefined when it cannot be run. */
  version(program: string): Promise<string | undefined>
}

/** Requests through the app's Service, counted since the probe began. */
export type ProbeReport = {
  readonly startedAt: number
  readonly stoppedAt: number | null
  readonly served: number
  readonly lost: number
  readonly lastFailure?: string
}

/** The availability probe of the background process. */
export interface ProbeReader {
  report(): Promise<ProbeReport | undefined>
}

/** A wait that somebody is in: who acts next, on what, and when. */
export type Wait = { readonly actor: string; readonly subject: string; readonly action: string; readonly due: number }

/** What a check may read. */
export type Lab = {
  readonly kube: KubeReader
  readonly gitlab: GitlabReader
  readonly registry: RegistryReader
  readonly http: HttpReader
  readonly files: FilesReader
  readonly git: GitReader
  readonly tools: ToolsReader
  readonly probe: ProbeReader
  /** The variables of the steps, as their commands see them in the environment. */
  readonly env: Readonly<Record<string, string>>
  /** What the lab noted at a moment of the course, under a name, to compare with later: `baseline`. */
  readonly notes: { get(name: string): unknown; set(name: string, value: unknown): void }
  waits(): Promise<readonly Wait[]>
  readonly signal: AbortSignal
  readonly clock: { now(): number }
}

/** All time of the engine comes from here. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `callback` once after `ms`. */
  setTimeout(callback: () => void, ms: number): { cancel(): void }
}

/** A part of the world and where it answers: for `sandbox status`. */
export type WorldPart = { readonly name: string; readonly address: string; readonly state: string }

export type WorldSnapshot = { readonly name: string; readonly takenAt: number }

/** What can be done with a world that the lab owns as a whole: the sandbox. */
export interface World {
  parts(): Promise<readonly WorldPart[]>
  /** Saves cluster, GitLab, registry and LAB_DIR under a name, replacing an older one. */
  snapshot(name: string): Promise<void>
  /** Puts them back; false if there is no such snapshot. */
  restore(name: string): Promise<boolean>
  snapshots(): Promise<readonly WorldSnapshot[]>
}

export type ActionResult = { readonly code: number | null; readonly signal: string | null }

/** Where the course takes place: the sandbox or a live world. Everything impure that the session needs. */
export interface Environment {
  /** Variables for commands and shells: what `env` prints. */
  readonly env: Readonly<Record<string, string>>
  readonly lab: Omit<Lab, 'signal' | 'notes' | 'clock'>
  /** Runs a script with bash in LAB_DIR; resolves when it ended. Output comes in chunks as it is written. */
  run(script: string, options: { signal: AbortSignal; onOutput(chunk: string): void }): Promise<ActionResult>
  /** Writes a file below LAB_DIR, making folders. */
  write(path: string, content: string): Promise<void>
  /**
   * Does what an operator does to shorten a wait for these actors: a refresh annotation, requestedAt, a restart. Tells
   * what it did.
   */
  nudge(actors: readonly string[]): Promise<readonly string[]>
  /** Starts or stops the availability probe. */
  probe(command: 'start' | 'stop'): Promise<void>
  /**
   * Calls `changed` whenever something that checks read may have changed. An `observation` is worth keeping although
   * nobody may be looking: a drift that comes and goes.
   */
  watch(changed: (what: string, observation?: string) => void, signal: AbortSignal): void
  /** Absent where the world is not the lab's own. */
  readonly world?: World
  /** Ends what the environment began, the world included where it is the lab's own; nothing of its state is lost. */
  close?(): Promise<void>
}
