import type { App } from './app.ts'
import type { Project, ProtectedBranch } from './entities.ts'

/** Whether a branch is named by a protected branch's name, in which `*` stands for anything. */
export function matchesBranch(pattern: string, branch: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`).test(branch)
}

export const protectedBranchesOf = (app: Pick<App, 'records'>, project: Project): readonly ProtectedBranch[] =>
  app.records.protectedBranches.list(({ project_id }) => project_id === project.id)

/** Whether pipelines of a ref may see protected variables. Tags are not protected here. */
export const isProtected = (app: Pick<App, 'records'>, project: Project, ref: string, tag: boolean): boolean =>
  !tag && protectedBranchesOf(app, project).some(({ name }) => matchesBranch(name, ref))

/** May the owner of the project push there: everybody but "no one" (0) and "administrators" (60) is below the owner. */
export const ownerMay = (level: number): boolean => level > 0

/** Protects a branch as GitLab protects a new project's default branch: maintainers push and merge, nobody forces. */
export function protectDefaultBranch(app: Pick<App, 'records'>, project: Project, name: string): void {
  if (protectedBranchesOf(app, project).some((each) => each.name === name)) return
  app.records.protectedBranches.insert({
    project_id: project.id,
    name,
    push_access_level: 40,
    merge_access_level: 40,
    allow_force_push: false,
  })
}
