import { parseDuration } from '../../core/duration.ts'
import type { ContainerConfig, OciConfig } from '../../registry/index.ts'
import { cut } from '../dockerfile/stages.ts'
import { type Instruction, jsonForm } from '../dockerfile/syntax.ts'
import { expandWord, type Lookup, pairsOf, splitWords } from '../dockerfile/words.ts'
import { absolute } from './copy.ts'
import { type Image, imageOf, withEnv } from './image.ts'
import { type Changes, folder, type Layer, layerOf, type Node, type Tree, write } from './tree.ts'

type History = NonNullable<OciConfig['history']>[number]

/** A stage while it is built. */
export type Draft = {
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
  readonly tree: Tree
  readonly layers: Layer[]
  readonly history: History[]
  /** ARGs in effect. */
  readonly args: Map<string, string>
  /** Whether the stage begins with a base image that is built in and has no files. */
  readonly builtIn: boolean
  config: ContainerConfig
  author: string | undefined
  /** CMD was given in this stage, so that ENTRYPOINT does not drop it. */
  hasCmd: boolean
}

export type Settings = {
  readonly escapeChar: string
  readonly buildArgs: ReadonlyMap<string, string>
  readonly globals: ReadonlyMap<string, string>
  readonly platformArgs: Lookup
  /** RFC 3339. */
  readonly created: string
}

/** What `$NAME` is: ENV goes before ARG. */
export const lookupOf =
  ({ config, args }: Draft): Lookup =>
  (name) =>
    config.Env?.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? args.get(name)

/** Adds a layer for what an instruction changed, or a history entry alone if it changed no files. */
export async function record(
  draft: Draft,
  instruction: Instruction,
  changes: Changes,
  settings: Settings,
): Promise<void> {
  const empty = changes.written.size === 0 && changes.removed.size === 0
  if (!empty) draft.layers.push(await layerOf(changes))
  draft.history.push({
    created: settings.created,
    created_by: instruction.original,
    comment: 'buildkit.dockerfile.v0',
    ...(empty ? { empty_layer: true } : {}),
  })
}

/** WORKDIR: where the next instructions start, made if it is not there. */
export function workdir(draft: Draft, instruction: Instruction, settings: Settings): Changes {
  const path = expandWord(instruction.text, lookupOf(draft), settings.escapeChar)
  const target = absolute(draft.config.WorkingDir ?? '/', path)
  const written = new Map<string, Node>()
  if (target !== '' && draft.tree.get(target)?.type !== 'directory') write(draft.tree, written, target, folder())
  draft.config = { ...draft.config, WorkingDir: `/${target}` }
  return { written, removed: new Set() }
}

/** Carries out an instruction that changes no files. @throws Error with BuildKit's text */
export function configure(draft: Draft, instruction: Instruction, settings: Settings): void {
  if (instruction.keyword === 'ARG') declare(draft, instruction.text, settings)
  else if (instruction.keyword === 'MAINTAINER')
    draft.author = expandWord(instruction.text, lookupOf(draft), settings.escapeChar)
  else {
    draft.config = { ...draft.config, ...configOf(draft, instruction, settings.escapeChar) }
    if (instruction.keyword === 'CMD') draft.hasCmd = true
  }
}

/** The part of the configuration that an instruction sets. */
function configOf(draft: Draft, instruction: Instruction, escapeChar: string): ContainerConfig {
  const { keyword, text, json } = instruction
  const { config } = draft
  const lookup = lookupOf(draft)
  const expand = (word: string) => expandWord(word, lookup, escapeChar)
  const pairs = () => pairsOf(keyword, text, lookup, escapeChar)
  const command = json ?? [...(config.Shell ?? ['/bin/sh', '-c']), text]
  switch (keyword) {
    case 'ENV':
      return { Env: pairs().reduce((env, [name, value]) => withEnv(env, name, value), config.Env ?? []) }
    case 'LABEL':
      return { Labels: { ...config.Labels, ...Object.fromEntries(pairs()) } }
    case 'CMD':
      return { Cmd: command }
    case 'ENTRYPOINT':
      return { Entrypoint: command, ...(draft.hasCmd ? {} : { Cmd: undefined }) }
    case 'USER':
      return { User: expand(text) }
    case 'EXPOSE':
      return { ExposedPorts: { ...config.ExposedPorts, ...keys(ports(splitWords(expand(text)))) } }
    case 'VOLUME':
      return { Volumes: { ...config.Volumes, ...keys(json ?? splitWords(text, escapeChar).map(expand)) } }
    case 'STOPSIGNAL': {
      const signal = expand(text)
      if (!/^(SIG[A-Z0-9+-]+|\d+)$/.test(signal)) throw new Error(`invalid signal: ${signal}`)
      return { StopSignal: signal }
    }
    case 'SHELL':
      if (!json?.length) throw new Error('SHELL requires the arguments to be in JSON form')
      return { Shell: json }
    case 'HEALTHCHECK':
      return { Healthcheck: healthcheck(instruction) }
    default:
      throw new Error(`not supported in this sandbox: ${keyword}`)
  }
}

const keys = (names: readonly string[]): Record<string, object> => Object.fromEntries(names.map((name) => [name, {}]))

function declare(draft: Draft, text: string, { buildArgs, globals, platformArgs, escapeChar }: Settings): void {
  for (const word of splitWords(text, escapeChar)) {
    const [name, fallback] = cut(word)
    const own = fallback === undefined ? undefined : expandWord(fallback, lookupOf(draft), escapeChar)
    const value = buildArgs.get(name) ?? own ?? globals.get(name) ?? platformArgs(name)
    if (value !== undefined) draft.args.set(name, value)
  }
}

function ports(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word)
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? first)
    if (!match || first < 1 || last > 65535 || last < first) throw new Error(`invalid containerPort: ${word}`)
    return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${(match[3] ?? 'tcp').toLowerCase()}`)
  })
}

function healthcheck({ text, flags }: Instruction): ContainerConfig['Healthcheck'] {
  const [kind = ''] = text.split(/\s/, 1)
  if (kind.toUpperCase() === 'NONE') return { Test: ['NONE'] }
  const command = text.slice(kind.length).trim()
  if (kind.toUpperCase() !== 'CMD') throw new Error(`Unknown type "${kind}" in HEALTHCHECK (try CMD)`)
  if (command === '') throw new Error('Missing command after HEALTHCHECK CMD')
  const json = jsonForm(command)
  const value = (name: string) => flags.find((flag) => flag.name === name)?.value
  const duration = (name: string) =>
    value(name) === undefined ? undefined : parseDuration(value(name) as string) * 1e6
  const retries = value('retries')
  if (retries !== undefined && !/^\d+$/.test(retries)) throw new Error(`--retries must be a number: "${retries}"`)
  return {
    Test: json ? ['CMD', ...json] : ['CMD-SHELL', command],
    Interval: duration('interval'),
    Timeout: duration('timeout'),
    StartPeriod: duration('start-period'),
    StartInterval: duration('start-interval'),
    Retries: retries === undefined ? undefined : Number(retries),
  }
}

/** The image that a finished stage is. */
export function finish(draft: Draft, labels: Readonly<Record<string, string>>, created: string): Image {
  const config: ContainerConfig =
    Object.keys(labels).length > 0 ? { ...draft.config, Labels: { ...draft.config.Labels, ...labels } } : draft.config
  return imageOf(
    {
      ...draft.platform,
      created,
      author: draft.author,
      config,
      rootfs: { type: 'layers', diff_ids: draft.layers.map(({ diffId }) => diffId) },
      history: draft.history,
    },
    draft.layers,
  )
}
