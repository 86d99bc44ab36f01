import { readFile } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import type { OciConfig } from '../../registry/index.ts'
import { findStage, neededStages, type Stage, stagesOf } from '../dockerfile/stages.ts'
import { DockerfileError, type Instruction, parseDockerfile } from '../dockerfile/syntax.ts'
import { type Context, readContext } from './context.ts'
import { copyInstruction, type Origin } from './copy-instruction.ts'
import { configure, type Draft, finish, record, type Settings, workdir } from './draft.ts'
import type { Image } from './image.ts'
import { displayName, sizeText } from './names.ts'
import { excerpt, type Progress } from './progress.ts'
import { runInstruction } from './run.ts'
import { applyLayer, type Layer, type Tree } from './tree.ts'

export type Base = {
  readonly config: OciConfig
  readonly layers: readonly Layer[]
  readonly builtIn: boolean
  readonly note?: string
}

export type BuildRequest = {
  /** Absolute folder of the context. */
  readonly context: string
  /** Absolute path; default `Dockerfile` in the context. */
  readonly dockerfile: string
  readonly buildArgs: ReadonlyMap<string, string>
  readonly labels: Readonly<Record<string, string>>
  readonly target: string | undefined
  /** `linux/amd64` */
  readonly platform: string
  readonly created: string
  /** An image to build upon. @throws Error with docker's text when there is none */
  readonly base: (reference: string, platform: string) => Promise<Base>
  readonly signal: AbortSignal
}

/** A build that failed: `details` are the lines that come before the message. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed'

  constructor(
    message: string,
    readonly details: readonly string[] = [],
  ) {
    super(`failed to solve: ${message}`)
  }
}

/** Builds the image of a Dockerfile's last stage, or of `target`. @throws BuildFailed */
export async function build(request: BuildRequest, progress: Progress): Promise<Image> {
  const name = basename(request.dockerfile)
  const text = await progress.step(`[internal] load build definition from ${name}`, (log) =>
    readDockerfile(request, log),
  )
  const lines = text.split(/\r?\n/)
  const faultAt: FaultAt = (error, from, to, message = (error as Error).message) =>
    error instanceof BuildFailed ? error : new BuildFailed(message, excerpt(name, lines, from, to))
  const platformArgs = (arg: string) => platformArg(arg, request.platform)
  const { buildArgs, created } = request
  try {
    const file = parseDockerfile(text)
    const { stages, globals } = stagesOf(file, buildArgs, platformArgs)
    const target = request.target === undefined ? stages.at(-1) : findStage(stages, request.target)
    if (!target) throw new BuildFailed(`target stage "${request.target}" could not be found`)
    const settings: Settings = { escapeChar: file.escapeChar, buildArgs, globals, platformArgs, created }
    const needed = neededStages(stages, target)
    const bases = new Map<Stage, Base>()
    for (const stage of needed) {
      if (findStage(stages, stage.base, stage.index) || stage.base === 'scratch') continue
      const known = [...bases].find(([other]) => other.base === stage.base && other.platform === stage.platform)
      bases.set(stage, known?.[1] ?? (await loadBase(stage, request, progress, faultAt)))
    }
    const context = await loadContext(request, name, needed, progress)
    const drafts = new Map<Stage, Draft>()
    const work = { request, settings, context, progress, stages, drafts, bases, alone: needed.length === 1, faultAt }
    for (const stage of needed) {
      const parent = findStage(stages, stage.base, stage.index)
      const before = parent && drafts.get(parent)
      const platform = platformOf(stage.platform ?? request.platform)
      const draft = before ? inherit(before) : await newDraft(bases.get(stage), platform)
      drafts.set(stage, draft)
      await buildStage(stage, draft, work)
    }
    return finish(drafts.get(target) as Draft, request.labels, created)
  } catch (error) {
    if (error instanceof DockerfileError) throw faultAt(error, error.line, error.line)
    throw error
  }
}

async function readDockerfile({ dockerfile, context }: BuildRequest, log: (line: string) => void): Promise<string> {
  const shown = relative(context, dockerfile)
  const text = await readFile(dockerfile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT')
      throw new BuildFailed(`failed to read dockerfile: open ${shown}: no such file or directory`)
    throw new BuildFailed(`failed to read dockerfile: ${error.message}`)
  })
  if (text.trim() === '') throw new BuildFailed('the Dockerfile cannot be empty')
  log(`transferring dockerfile: ${sizeText(Buffer.byteLength(text))} done`)
  return text
}

async function loadBase(stage: Stage, request: BuildRequest, progress: Progress, faultAt: FaultAt): Promise<Base> {
  const { base, from } = stage
  const full = displayName(base)
  try {
    const load = () => request.base(base, stage.platform ?? request.platform)
    return await progress.step(`[internal] load metadata for ${full}`, load)
  } catch (error) {
    const why = `${base}: failed to resolve source metadata for ${full}: ${(error as Error).message}`
    throw faultAt(error, from.line, from.end, why)
  }
}

async function loadContext(
  request: BuildRequest,
  name: string,
  stages: readonly Stage[],
  progress: Progress,
): Promise<Context> {
  const reads = stages.some(({ instructions }) =>
    instructions.some(
      ({ keyword, flags }) => keyword === 'ADD' || (keyword === 'COPY' && !flags.some((flag) => flag.name === 'from')),
    ),
  )
  if (!reads) return { tree: new Map(), bytes: 0 }
  return progress.step('[internal] load build context', async (log) => {
    const context = await readContext(request.context, name, request.signal)
    log(`transferring context: ${sizeText(context.bytes)} done`)
    return context
  })
}

async function newDraft(base: Base | undefined, platform: Draft['platform']): Promise<Draft> {
  const tree: Tree = new Map()
  for (const layer of base?.layers ?? []) await applyLayer(tree, layer)
  return {
    platform,
    tree,
    layers: [...(base?.layers ?? [])],
    history: [...(base?.config.history ?? [])],
    args: new Map(),
    builtIn: base?.builtIn ?? false,
    config: base?.config.config ?? {},
    author: base?.config.author,
    hasCmd: false,
  }
}

function platformOf(text: string): Draft['platform'] {
  const [os = 'linux', architecture = 'amd64', variant] = text.split('/')
  if (os !== 'linux')
    throw new BuildFailed(`not supported in this sandbox: platform ${text}; images here are for linux`)
  return { os, architecture, ...(variant ? { variant } : {}) }
}

const inherit = (draft: Draft): Draft => ({
  ...draft,
  tree: new Map(draft.tree),
  layers: [...draft.layers],
  history: [...draft.history],
  args: new Map(),
  hasCmd: false,
})

/** Makes an error of these lines of the Dockerfile a failed build. */
type FaultAt = (error: unknown, from: number, to: number, message?: string) => BuildFailed

type StageWork = {
  readonly request: BuildRequest
  readonly settings: Settings
  readonly context: Context
  readonly progress: Progress
  readonly stages: readonly Stage[]
  readonly drafts: ReadonlyMap<Stage, Draft>
  readonly bases: ReadonlyMap<Stage, Base>
  /** Whether it is the only stage that is built: then its name is left out. */
  readonly alone: boolean
  readonly faultAt: FaultAt
}

const STEPS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR'])

async function buildStage(stage: Stage, draft: Draft, work: StageWork): Promise<void> {
  const { settings, progress, faultAt } = work
  const hasBase = work.bases.has(stage)
  const total = (hasBase ? 1 : 0) + stage.instructions.filter(({ keyword }) => STEPS.has(keyword)).length
  const label = work.alone ? '' : `${stage.name ?? `stage-${stage.index}`} `
  const note = work.bases.get(stage)?.note
  let number = hasBase ? 1 : 0
  if (hasBase) {
    await progress.step(`[${label}1/${total}] FROM ${displayName(stage.base)}`, (log) => note && log(note))
  }
  for (const instruction of stage.instructions) {
    work.request.signal.throwIfAborted()
    const { keyword, line, end, original } = instruction
    try {
      if (!STEPS.has(keyword)) {
        configure(draft, instruction, settings)
        if (keyword !== 'ARG') await record(draft, instruction, { written: new Map(), removed: new Set() }, settings)
        continue
      }
      const title = `[${label}${++number}/${total}] ${original}`
      await progress.step(title, async (log) =>
        record(draft, instruction, await changesOf(stage, draft, instruction, work, log), settings),
      )
    } catch (error) {
      throw faultAt(error, line, end)
    }
  }
}

async function changesOf(
  stage: Stage,
  draft: Draft,
  instruction: Instruction,
  work: StageWork,
  log: (line: string) => void,
) {
  if (instruction.keyword === 'WORKDIR') return workdir(draft, instruction, work.settings)
  if (instruction.keyword === 'RUN') return runInstruction(draft, instruction, log)
  const { settings, context, request } = work
  const origin = (from: string) => originOf(from, stage, work)
  const written = await copyInstruction(draft, instruction, {
    settings,
    context: context.tree,
    origin,
    id: request.context,
  })
  return { written, removed: new Set<string>() }
}

/** What `--from` names: an earlier stage, else an image. */
async function originOf(from: string, current: Stage, work: StageWork): Promise<Origin> {
  const stage = findStage(work.stages, from, current.index)
  const draft = stage && work.drafts.get(stage)
  if (draft) return draft
  const { platform } = work.request
  return newDraft(await work.request.base(from, platform), platformOf(platform))
}

/** The build arguments that every build has. */
function platformArg(name: string, platform: string): string | undefined {
  const [os, architecture, variant = ''] = platform.split('/')
  const [, kind, part] = /^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)$/.exec(name) ?? []
  if (!kind) return undefined
  return part === 'PLATFORM' ? platform : part === 'OS' ? os : part === 'ARCH' ? architecture : variant
}
