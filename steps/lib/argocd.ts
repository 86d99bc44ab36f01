import { blocked, type KubeObject, type Lab, passed, pending, type Verdict } from '../../lab/step.ts'
import { APPLICATIONS, CONFIG } from './names.ts'

export const application = (lab: Lab, name: string): Promise<KubeObject | undefined> =>
  lab.kube.get(APPLICATIONS, name, 'argocd')

/** Whether an Application reads the configuration repository under the given path. */
export async function created(lab: Lab, name: string, path: string): Promise<Verdict> {
  const app = await application(lab, name)
  const expected = `Application ${name} over ${path}/ of ${CONFIG}`
  if (!app)
    return blocked({ expected, found: 'there is none in namespace argocd', next: 'Run the command of this task.' })
  const source = app['spec'].source ?? {}
  const wanted = `${lab.env['GITLAB_URL']}/${lab.env['GITLAB_USER']}/${CONFIG}`
  if (String(source.repoURL).replace(/\.git$/, '') !== wanted) {
    return blocked({
      expected,
      found: `its repoURL is ${source.repoURL}`,
      cause: { id: 'wrong-repo-url', text: 'The Application reads another repository.' },
      next: `Set spec.source.repoURL to ${wanted}.git`,
    })
  }
  if (String(source.path).replace(/^\.\//, '').replace(/\/$/, '') !== path) {
    return blocked({
      expected,
      found: `its path is ${source.path}`,
      cause: { id: 'wrong-path', text: 'The Application renders another folder.' },
      next: `Set spec.source.path to ${path}`,
    })
  }
  return withoutConditions(app, expected)
}

/** Errors that Argo CD reports of an Application, else passed. */
export function withoutConditions(app: KubeObject, expected: string): Verdict {
  const error = (app['status']?.conditions as { type: string; message: string }[] | undefined)?.find((found) =>
    found.type.endsWith('Error'),
  )
  if (!error) return passed()
  return blocked({
    expected,
    found: `${error.type}: ${error.message}`,
    next: 'Mend what Argo CD complains of; it tries again by itself.',
  })
}

/** Whether an Application has the sync and health status, at the newest commit of the repository when asked for. */
export async function inStatus(
  lab: Lab,
  name: string,
  sync: string,
  health = 'Healthy',
  newest = false,
): Promise<Verdict> {
  const app = await application(lab, name)
  const expected = `Application ${name} is ${sync} and ${health}`
  if (!app) return blocked({ expected, found: 'it does not exist', next: 'Create it first.' })
  const failed = withoutConditions(app, expected)
  if (failed.kind !== 'passed') return failed
  const { sync: synced, health: healthy } = app['status'] ?? {}
  const found = `${synced?.status ?? 'no sync status yet'}, ${healthy?.status ?? 'no health status yet'}`
  const [commit] = newest ? await lab.gitlab.commits(CONFIG, 'main') : []
  const stale = commit && synced?.revision !== commit.sha
  if (synced?.status === sync && healthy?.status === health && !stale) return passed(found)
  return pending({
    expected,
    found: stale ? `${found}, at ${String(synced?.revision).slice(0, 8)}, Git is at ${commit.sha.slice(0, 8)}` : found,
    actor: 'Argo CD',
    on: `Application argocd/${name}`,
  })
}

/** Whether automated sync is on, with prune and self-heal. */
export async function automated(lab: Lab, name: string): Promise<Verdict> {
  const app = await application(lab, name)
  const policy = app?.['spec'].syncPolicy?.automated
  const missing = ['prune', 'selfHeal'].filter((field) => policy?.[field] !== true)
  if (policy && policy.enabled !== false && missing.length === 0) return passed()
  return blocked({
    expected: `Application ${name} syncs by itself, with prune and selfHeal`,
    found: policy ? `${missing.join(' and ') || 'enabled'} is not true` : 'it has no automated sync policy',
    next: 'Run the command of this task.',
  })
}
