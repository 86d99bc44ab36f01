import { type ApplicationSpec, type Destination, IN_CLUSTER, sourcesOf } from './application.ts'
import { type Project, permitsDestination, permitsSource } from './project.ts'

export type ResolvedDestination = Required<Destination>

/** The cluster and namespace that a destination names, or why it names none. */
export function resolveDestination(destination: Destination | undefined): ResolvedDestination | string {
  const { server = '', name = '', namespace = '' } = destination ?? {}
  if (server !== '' && name !== '')
    return `application destination can't have both name and server defined: ${name} ${server}`
  if (server === '' && name === '') return 'Destination server missing from app spec'
  if (server !== '' && server !== IN_CLUSTER.server)
    return `error getting cluster by server "${server}": rpc error: code = NotFound desc = cluster "${server}" not found`
  if (name !== '' && name !== IN_CLUSTER.name) return `there are no clusters with this name: ${name}`
  return { ...IN_CLUSTER, namespace }
}

/** What is wrong with a spec, in the words of the InvalidSpecError conditions. */
export function validateSpec(spec: ApplicationSpec, project: Project): string[] {
  if (spec.sourceHydrator) return ['spec.sourceHydrator is not supported by the sandbox']
  const sources = sourcesOf(spec)
  const incomplete = sources.some(({ repoURL, path, chart, ref }) => !repoURL || (!path && !chart && !ref))
  if (sources.length === 0 || incomplete)
    return ['spec.source.repoURL and either spec.source.path or spec.source.chart are required']
  const errors = sources
    .filter(({ repoURL }) => !permitsSource(project, repoURL))
    .map(({ repoURL }) => `application repo ${repoURL} is not permitted in project '${spec.project}'`)
  const destination = resolveDestination(spec.destination)
  if (typeof destination === 'string') return [...errors, destination]
  if (!permitsDestination(project, destination))
    errors.push(
      `application destination server '${destination.server}' and namespace '${destination.namespace}' do not match any of the allowed destinations in project '${spec.project}'`,
    )
  if (project.spec.signatureKeys?.length)
    errors.push(`project '${spec.project}' wants signed commits, which the sandbox does not support`)
  if (project.spec.syncWindows?.length)
    errors.push(`project '${spec.project}' has sync windows, which the sandbox does not support`)
  return errors
}
