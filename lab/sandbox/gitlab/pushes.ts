import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import { type App, nowOf, repositoryOf } from './app.ts'
import { protectDefaultBranch } from './branches.ts'
import { NO_COMMIT, type Project, type RefChange, type User } from './entities.ts'
import { createPipeline } from './pipelines/create.ts'
import type { Scheduler } from './pipelines/scheduler.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

export type Push = {
  readonly project: Project
  readonly user: User
  readonly changes: readonly RefChange[]
  /** Push options: `ci.skip`, `ci.variable=KEY=value`. */
  readonly options: readonly string[]
  /** False for a push by a job, which starts no pipeline. */
  readonly pipelines: boolean
}

type SpoolName = { readonly project: number; readonly user: number; readonly pipelines: boolean; readonly id: string }

/** The name of the note that git's hook leaves of a push: who pushed what where. */
export const spoolName = ({ project, user, pipelines, id }: SpoolName): string =>
  `${project}.${user}.${pipelines ? 'ci' : 'quiet'}.${id}`

/** Reads the note: `option <text>` and `change <before> <after> <ref>`, a line each. */
export function parseSpool(text: string): Pick<Push, 'changes' | 'options'> {
  const lines = text.split('\n').map((line) => line.split(' '))
  return {
    options: lines.filter(([kind]) => kind === 'option').map(([, ...words]) => words.join(' ')),
    changes: lines
      .filter(([kind]) => kind === 'change')
      .map(([, before = '', after = '', ...ref]) => ({ before, after, ref: ref.join(' ') })),
  }
}

/** Variables of `-o ci.variable=KEY=value`. */
const pushedVariables = (options: readonly string[]) =>
  options.flatMap((option) => {
    const [, key, value] = /^ci\.variable=([A-Za-z_]\w*)=(.*)$/s.exec(option) ?? []
    return key && value !== undefined ? [{ key, value, variable_type: 'env_var' as const }] : []
  })

/** What follows from pushes: default branch, webhooks, pipelines. */
export class Pushes {
  /** What follows from the pushes to a project, one after the other, so that pipelines keep the order of commits. */
  private readonly pending = new Map<number, Promise<void>>()

  constructor(
    private readonly app: App,
    private readonly scheduler: Scheduler,
    private readonly webhooks: Webhooks,
  ) {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
  }

  /** Takes up the pushes that an earlier process received and did not come to. */
  async recover(): Promise<void> {
    for (const name of readdirSync(this.folder)) {
      if (name.endsWith('.push')) await this.fromSpool(join(this.folder, name.replace(/\.push$/, '')), true)
      else rmSync(join(this.folder, name), { force: true })
    }
  }

  /** Takes up the push whose note the hook left at `<spool>.push`. No note means that nothing was accepted. */
  async fromSpool(spool: string, again = false): Promise<void> {
    const file = `${spool}.push`
    if (!existsSync(file)) return
    const [projectId, userId, mode] = basename(spool).split('.')
    const project = this.app.records.projects.get(Number(projectId))
    const user = this.app.records.users.get(Number(userId))
    const done = () => rmSync(file, { force: true })
    if (!project || !user) return done()
    const { changes, options } = parseSpool(readFileSync(file, 'utf8'))
    const isNew = ({ ref, after }: RefChange) =>
      !again ||
      !this.app.records.pipelines.find(
        (each) => each.project_id === project.id && each.sha === after && ref.endsWith(`/${each.ref}`),
      )
    await this.receive({ project, user, changes: changes.filter(isNew), options, pipelines: mode === 'ci' }, done)
  }

  /** Returns when the project is up to date; pipelines and webhooks follow by themselves, then `done` is called. */
  async receive(push: Push, done: () => void = () => {}): Promise<void> {
    const project = await this.updateProject(push)
    const previous = this.pending.get(project.id) ?? Promise.resolve()
    const following: Promise<void> = previous
      .then(() => this.follow({ ...push, project }))
      .catch((error: unknown) => this.app.log(`gitlab: after a push to project ${project.id}: ${messageOf(error)}`))
      .then(done)
      .finally(() => {
        if (this.pending.get(project.id) === following) this.pending.delete(project.id)
      })
    this.pending.set(project.id, following)
  }

  /** Resolves when all pushes so far have been followed up. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending.values())
  }

  private get folder(): string {
    return join(this.app.stateDir, 'pushes')
  }

  private async updateProject({ project, changes }: Push): Promise<Project> {
    const { records } = this.app
    const now = nowOf(this.app)
    let updated = records.projects.update(project.id, { last_activity_at: now, updated_at: now }) ?? project
    if (updated.default_branch === null) {
      const repository = repositoryOf(this.app, project)
      const names = changes
        .filter(({ ref, after }) => ref.startsWith('refs/heads/') && after !== NO_COMMIT)
        .map(({ ref }) => ref.slice('refs/heads/'.length))
      const head = (await repository.git('symbolic-ref', '--short', 'HEAD')).trim()
      const first = names.includes(head) ? head : names[0]
      if (first !== undefined) {
        await repository.setHead(first)
        protectDefaultBranch(this.app, updated, first)
        updated = records.projects.update(project.id, { default_branch: first }) ?? updated
      }
    }
    return updated
  }

  private async follow({ project, user, changes, options, pipelines }: Push): Promise<void> {
    for (const change of changes) this.webhooks.push(project, user, change)
    if (!pipelines || !project.builds_enabled) return
    for (const { ref, before, after } of changes) {
      const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? []
      if (after === NO_COMMIT || !name) continue
      const sha = await repositoryOf(this.app, project).resolve(after)
      if (!sha) continue
      const request = {
        project,
        user,
        ref: name,
        tag: kind === 'tags',
        sha,
        before,
        source: 'push' as const,
        variables: pushedVariables(options),
      }
      const pipeline = await createPipeline(this.app, request, options.includes('ci.skip'))
      if (!pipeline) continue
      this.webhooks.pipeline(pipeline)
      this.scheduler.supersede(pipeline)
      this.scheduler.process(pipeline.id)
    }
  }
}
