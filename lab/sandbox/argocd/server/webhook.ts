import { isMap } from '../../core/json.ts'
import { type Application, sourcesOf } from '../application.ts'
import { matchesGlob } from '../glob.ts'
import { normalizeUrl } from '../repositories.ts'

/** What a push event of GitLab says. */
export type Push = {
  readonly webUrl: string
  /** Without `refs/heads/` or `refs/tags/`. */
  readonly revision: string
  readonly isDefaultBranch: boolean
  readonly changedFiles: readonly string[]
}

export const PUSH_EVENTS: readonly string[] = ['Push Hook', 'Tag Push Hook', 'System Hook']

/** Undefined when the body is no push. */
export function readPush(body: unknown): Push | undefined {
  if (!isMap(body) || typeof body['ref'] !== 'string' || !isMap(body['project'])) return undefined
  const { web_url: webUrl, default_branch: defaultBranch } = body['project']
  if (typeof webUrl !== 'string') return undefined
  const revision = body['ref'].replace(/^refs\/(heads|tags)\//, '')
  const commits = Array.isArray(body['commits']) ? body['commits'].filter(isMap) : []
  const changedFiles = commits.flatMap((commit) =>
    ['added', 'modified', 'removed'].flatMap((key) => (Array.isArray(commit[key]) ? (commit[key] as string[]) : [])),
  )
  const isDefaultBranch = body['ref'].startsWith('refs/heads/') && revision === defaultBranch
  return { webUrl, revision, isDefaultBranch, changedFiles }
}

/** Whether an Application follows what was pushed. */
export function followsPush(app: Application, push: Push): boolean {
  return sourcesOf(app.spec).some((source) => {
    if (!sameRepository(source.repoURL, push.webUrl)) return false
    const target = (source.targetRevision ?? '').replace(/^refs\/(heads|tags)\//, '')
    const follows = target === '' || target === 'HEAD' ? push.isDefaultBranch : target === push.revision
    return follows && touches(app, source.path ?? '', push)
  })
}

/** Host (without user and port) and path decide, not the scheme. */
function sameRepository(repoUrl: string, webUrl: string): boolean {
  const place = (url: string) => normalizeUrl(url).replace(/^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^/:]+)(?::\d+)?[:/]/, '$1/')
  return place(repoUrl) === place(webUrl)
}

/** `manifest-generate-paths` limits what concerns the Application to some files. */
function touches(app: Application, path: string, push: Push): boolean {
  const paths = app.metadata.annotations?.['argocd.argoproj.io/manifest-generate-paths']
  if (!paths || push.changedFiles.length === 0) return true
  return paths
    .split(';')
    .filter((item) => item !== '')
    .map((item) => (item.startsWith('/') ? item.slice(1) : join(path, item)))
    .some((prefix) =>
      push.changedFiles.some(
        (file) => prefix === '' || file === prefix || file.startsWith(`${prefix}/`) || matchesGlob(prefix, file, '/'),
      ),
    )
}

function join(base: string, relative: string): string {
  const parts: string[] = []
  for (const part of `${base}/${relative}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
