import { repositoryOf } from './app.ts'
import type { Project } from './entities.ts'
import type { Services } from './services.ts'
import { deleteProjectRecords } from './store.ts'

/** How long a project waits for its deletion, as on gitlab.com. */
const DELETION_DELAY = 30 * 86_400_000

/** Removes a project with its pipelines, images and repository. */
export async function removeProject({ app, scheduler, registry }: Services, project: Project): Promise<void> {
  const { pipelines, containerRepositories } = app.records
  const mine = ({ project_id }: { readonly project_id: number }) => project_id === project.id
  for (const { id } of pipelines.list(mine)) await scheduler.delete(id)
  for (const { path } of containerRepositories.list(mine)) await registry.deleteRepository(path)
  deleteProjectRecords(app.records, project.id)
  repositoryOf(app, project).remove()
}

/** Removes the projects whose time to be brought back is over. */
export async function removeExpiredProjects(services: Services): Promise<void> {
  const { clock, records } = services.app
  const isDue = ({ marked_for_deletion_on: day }: Project) =>
    day !== null && Date.parse(day) + DELETION_DELAY <= clock.now()
  for (const project of records.projects.list(isDue)) await removeProject(services, project)
}
