import type { Store } from '../core/store.ts'
import type {
  AccessToken,
  ContainerRepository,
  DeployToken,
  Hook,
  HookDelivery,
  Job,
  Pipeline,
  Project,
  ProtectedBranch,
  User,
  Variable,
} from './entities.ts'

/** Records of one kind in the store, by their id. Nothing is cached: a restored snapshot is seen at once. */
export class Collection<T extends { readonly id: number }> {
  constructor(
    private readonly store: Store,
    private readonly name: string,
  ) {}

  get(id: number): T | undefined {
    return this.store.get(this.key(id))?.value as T | undefined
  }

  /** In the order of their ids. */
  list(where: (record: T) => boolean = () => true): T[] {
    return this.store
      .list(`gitlab/${this.name}/`)
      .map(({ value }) => value as T)
      .filter(where)
  }

  find(where: (record: T) => boolean): T | undefined {
    return this.list(where)[0]
  }

  /** Stores a record under the next free id, which no record of the kind ever had before. */
  insert(record: Omit<T, 'id'>): T {
    const sequence = `gitlab/sequence/${this.name}`
    const id = ((this.store.get(sequence)?.value as number | undefined) ?? 0) + 1
    this.store.put(sequence, id)
    const stored = { ...record, id } as T
    this.store.put(this.key(id), stored)
    return stored
  }

  /** Replaces some fields and returns the new record; undefined if it is gone. */
  update(id: number, change: Partial<Omit<T, 'id'>>): T | undefined {
    const current = this.get(id)
    if (!current) return undefined
    const next = { ...current, ...change }
    this.store.put(this.key(id), next)
    return next
  }

  delete(id: number): T | undefined {
    return this.store.delete(this.key(id))?.value as T | undefined
  }

  private key(id: number): string {
    return `gitlab/${this.name}/${String(id).padStart(8, '0')}`
  }
}

/** All records of GitLab. */
export type Records = ReturnType<typeof recordsOf>

export const recordsOf = (store: Store) => ({
  users: new Collection<User>(store, 'users'),
  projects: new Collection<Project>(store, 'projects'),
  accessTokens: new Collection<AccessToken>(store, 'access-tokens'),
  deployTokens: new Collection<DeployToken>(store, 'deploy-tokens'),
  containerRepositories: new Collection<ContainerRepository>(store, 'container-repositories'),
  protectedBranches: new Collection<ProtectedBranch>(store, 'protected-branches'),
  variables: new Collection<Variable>(store, 'variables'),
  pipelines: new Collection<Pipeline>(store, 'pipelines'),
  jobs: new Collection<Job>(store, 'jobs'),
  hooks: new Collection<Hook>(store, 'hooks'),
  deliveries: new Collection<HookDelivery>(store, 'deliveries'),
})

export const projectPath = (project: Pick<Project, 'namespace' | 'path'>): string =>
  `${project.namespace}/${project.path}`

/** A project by its full path; GitLab compares paths without regard to case. */
export const findProject = (records: Records, path: string): Project | undefined =>
  records.projects.find((project) => projectPath(project).toLowerCase() === path.toLowerCase())

/** Deletes a project's records of every kind. */
export function deleteProjectRecords(records: Records, id: number): void {
  const mine = (record: { readonly project_id: number }) => record.project_id === id
  for (const { id: hook } of records.hooks.list(mine)) {
    for (const delivery of records.deliveries.list(({ hook_id }) => hook_id === hook)) {
      records.deliveries.delete(delivery.id)
    }
  }
  for (const kind of [
    records.deployTokens,
    records.containerRepositories,
    records.protectedBranches,
    records.variables,
    records.jobs,
    records.pipelines,
    records.hooks,
  ] as Collection<{ readonly id: number; readonly project_id: number }>[]) {
    for (const record of kind.list(mine)) kind.delete(record.id)
  }
  records.projects.delete(id)
}
