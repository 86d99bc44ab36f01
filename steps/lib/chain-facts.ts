import type { KubeObject, Lab } from '../../lab/step.ts'
import { application } from './argocd.ts'
import { tagInGit } from './delivery.ts'
import {
  APP,
  CONFIG,
  DEPLOYMENTS,
  GIT_REPOSITORIES,
  IMAGE_AUTOMATIONS,
  IMAGE_POLICIES,
  IMAGE_REPOSITORIES,
  IMAGE_UPDATERS,
  KUSTOMIZATIONS,
} from './names.ts'

type Answer<K extends keyof Lab['gitlab']> = Awaited<ReturnType<Lab['gitlab'][K]>>
type Clone = Awaited<ReturnType<Lab['git']['status']>>

/** All that the chain is told from. */
export type Facts = {
  readonly now: number
  readonly hasProject: boolean
  /** The app's commits on main, newest first. */
  readonly commits: Answer<'commits'>
  readonly clone: Clone
  /** The pipeline of the newest commit, and its jobs. */
  readonly pipeline: Answer<'pipelines'>[number] | undefined
  readonly jobs: Answer<'jobs'>
  readonly tags: readonly string[]
  /** What the configuration repository says, and its newest commit. */
  readonly newTag: string | undefined
  readonly configHead: Answer<'commits'>[number] | undefined
  readonly flux: {
    readonly scan: KubeObject | undefined
    readonly policy: KubeObject | undefined
    readonly automation: KubeObject | undefined
    readonly source: KubeObject | undefined
    readonly workloads: KubeObject | undefined
  }
  readonly updater: KubeObject | undefined
  readonly application: KubeObject | undefined
  readonly deployment: KubeObject | undefined
  readonly pods: readonly KubeObject[]
  readonly waits: Awaited<ReturnType<Lab['waits']>>
}

/** Reads what the chain is told from. */
export async function readFacts(lab: Lab): Promise<Facts> {
  const flux = (resource: string, name: string) => lab.kube.get(resource, name, 'flux-system')
  const [project, commits, pipelines, clone, tags, newTag, config, updater, app, deployment, pods, waits, ...objects] =
    await Promise.all([
      lab.gitlab.project(APP),
      lab.gitlab.commits(APP, 'main'),
      lab.gitlab.pipelines(APP),
      lab.git.status(APP),
      lab.registry.tags(APP),
      tagInGit(lab),
      lab.gitlab.commits(CONFIG, 'main'),
      lab.kube.get(IMAGE_UPDATERS, 'my-nodejs-app', 'argocd'),
      application(lab, 'my-nodejs-app'),
      lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'),
      lab.kube.list('pods', { namespace: 'demo', labelSelector: 'app=nodeapp' }),
      lab.waits(),
      flux(IMAGE_REPOSITORIES, 'nodeapp'),
      flux(IMAGE_POLICIES, 'nodeapp'),
      flux(IMAGE_AUTOMATIONS, 'nodeapp'),
      flux(GIT_REPOSITORIES, CONFIG),
      flux(KUSTOMIZATIONS, 'workloads'),
    ])
  const pipeline = pipelines.find(({ sha }) => sha === commits[0]?.sha)
  const [scan, policy, automation, source, workloads] = objects
  return {
    now: lab.clock.now(),
    hasProject: project !== undefined,
    commits,
    clone,
    pipeline,
    jobs: pipeline && pipeline.status !== 'success' ? await lab.gitlab.jobs(APP, pipeline.id) : [],
    tags,
    newTag,
    configHead: config[0],
    flux: { scan, policy, automation, source, workloads },
    updater,
    application: app,
    deployment,
    pods,
    waits,
  }
}
