import type { ChainLink, KubeObject } from '../../lab/step.ts'
import type { Facts } from './chain-facts.ts'
import { complaint, condition } from './objects.ts'
import { tagOf } from './pipeline.ts'

type Told = Omit<ChainLink, 'id' | 'title'>

const LENGTH = 8
/** A commit's or revision's id, short enough to read. */
export const short = (sha: string | undefined): string => (sha ?? '').slice(0, LENGTH)

/** When an actor acts on a subject next, if anybody knows; `action` where it does several things. */
export const dueOf = ({ waits }: Facts, actor: string, subject: string, action?: string): number | undefined =>
  waits.find(
    (wait) => wait.actor === actor && wait.subject === subject && (action === undefined || wait.action === action),
  )?.due

/** The newest commit of the app, or the one that is in the learner's clone only. */
export function commitLink(facts: Facts): ChainLink {
  const say = (told: Told): ChainLink => ({ id: 'commit', title: 'Commit', ...told })
  const { commits, clone } = facts
  const [newest] = commits
  const head = clone?.head
  if (head && !commits.some(({ sha }) => sha === head)) {
    return say({ state: 'waiting', what: short(head), actor: 'you', action: 'push', note: 'it is in your clone only' })
  }
  const changed = clone?.changed.length ?? 0
  const uncommitted = changed > 0 ? `${changed} changed ${changed === 1 ? 'file' : 'files'} not committed` : undefined
  if (newest) return say({ state: 'done', what: short(newest.sha), note: uncommitted ?? newest.title })
  return say({ state: 'unknown', note: uncommitted ?? (facts.hasProject ? 'nothing is pushed yet' : 'no project yet') })
}

/** How long GitLab may take to make a pipeline of a push. */
const GRACE = 15_000
const ENDED_BADLY = ['failed', 'canceled', 'skipped']

/** The pipeline of the newest commit. */
export function pipelineLink({ now, commits, pipeline, jobs }: Facts, commit: ChainLink): ChainLink {
  const say = (told: Told): ChainLink => ({ id: 'pipeline', title: 'Pipeline', ...told })
  const [newest] = commits
  if (commit.state !== 'done' || !newest) return say({ state: 'unknown' })
  const gitlab = { actor: 'GitLab CI' }
  if (!pipeline) {
    if (now - Date.parse(newest.createdAt) < GRACE)
      return say({ state: 'waiting', ...gitlab, action: 'make a pipeline' })
    return say({ state: 'failed', note: `commit ${short(newest.sha)} has no pipeline` })
  }
  const { status } = pipeline
  const what = `#${pipeline.iid}`
  if (status === 'success') return say({ state: 'done', what })
  if (ENDED_BADLY.includes(status)) {
    const failed = jobs.find((job) => job.status === 'failed')
    return say({ state: 'failed', what, note: failed ? `job ${failed.name} failed` : (pipeline.yamlErrors ?? status) })
  }
  if (status === 'manual') return say({ state: 'waiting', what, actor: 'you', action: 'start its manual job' })
  const running = jobs.find((job) => job.status === 'running')
  if (running) return say({ state: 'running', what, ...gitlab, action: `run the job ${running.name}` })
  return say({ state: 'waiting', what, ...gitlab, action: 'start its next job' })
}

/** The image that the pipeline pushes. */
export function imageLink({ pipeline, tags }: Facts, before: ChainLink): ChainLink {
  const say = (told: Told): ChainLink => ({ id: 'image', title: 'Image', ...told })
  if (!pipeline || before.state !== 'done') return say({ state: 'unknown' })
  const tag = tagOf(pipeline)
  if (tags.includes(tag)) return say({ state: 'done', what: tag })
  return say({ state: 'failed', note: `the registry has no ${tag}` })
}

/** The commit of the configuration repository that names the image. */
export function tagLink(facts: Facts, image: ChainLink): ChainLink {
  const say = (told: Told): ChainLink => ({ id: 'config', title: 'Config commit', ...told })
  const { newTag, configHead, updater } = facts
  const { automation } = facts.flux
  const wanted = image.what
  if (image.state !== 'done' || wanted === undefined) {
    return say({ state: 'unknown', note: newTag && `Git says ${newTag}` })
  }
  if (newTag === wanted) return say({ state: 'done', what: short(configHead?.sha), note: `newTag: ${newTag}` })
  if (newTag === undefined) return say({ state: 'waiting', actor: 'you', action: 'push the configuration' })
  const note = `Git still says ${newTag}`
  const byHand = { state: 'waiting', actor: 'you', action: `set newTag to ${wanted}` } as const
  if (updater) {
    const error = condition(updater, 'Error')
    if (error?.status === 'True') return say({ state: 'failed', note: oneLine(`${error.reason}: ${error.message}`) })
    const due = dueOf(facts, 'Argo CD Image Updater', 'ImageUpdater argocd/my-nodejs-app')
    return say({ state: 'waiting', actor: 'Image Updater', action: 'look for new tags', due, note })
  }
  if (!automation) return say({ ...byHand, note })
  if (automation['spec'].suspend === true) return say({ ...byHand, note: `${note}; Flux's automation is suspended` })
  return say(byFlux(facts, wanted, note))
}

/** Flux finds a tag, then commits it. */
function byFlux(facts: Facts, wanted: string, note: string): Told {
  const { scan, policy, automation } = facts.flux
  const isFound = policy?.['status']?.latestRef?.tag === wanted
  const failed = [...(isFound ? [] : [scan, policy]), automation].map(complaintOf).find(Boolean)
  if (failed) return { state: 'failed', note: failed }
  const [actor, subject, action] = isFound
    ? (['image-automation-controller', 'ImageUpdateAutomation flux-system/nodeapp', 'commit the tag'] as const)
    : (['image-reflector-controller', 'ImageRepository flux-system/nodeapp', 'scan for new tags'] as const)
  return { state: 'waiting', actor, action, due: dueOf(facts, actor, subject), note }
}

/** What an object of Flux complains of, unless it merely waits. */
export function complaintOf(object: KubeObject | undefined): string | undefined {
  const found = object && complaint(object)
  return found && oneLine(`${found.reason}: ${found.message}`)
}

const LIMIT = 200

/** A message as one short line. */
export function oneLine(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim()
  return line.length > LIMIT ? `${line.slice(0, LIMIT - 1)}…` : line
}
