import { createHash } from 'node:crypto'
import { DockerfileError, type Instruction } from '../dockerfile/syntax.ts'
import { expandWord, splitWords } from '../dockerfile/words.ts'
import { copy, NotInContext } from './copy.ts'
import { type Draft, lookupOf, type Settings } from './draft.ts'
import { ownerOf, permissionsOf } from './owner.ts'
import type { Node, Tree } from './tree.ts'

/** Files that COPY takes from; a built-in image has none. */
export type Origin = { readonly tree: Tree; readonly builtIn: boolean }

export type CopyWork = {
  readonly settings: Settings
  readonly context: Tree
  /** What `--from` names. */
  readonly origin: (from: string) => Promise<Origin>
  /** Names the context in messages. */
  readonly id: string
}

/** Carries out COPY or ADD and returns what was written. @throws Error with BuildKit's text */
export async function copyInstruction(
  draft: Draft,
  instruction: Instruction,
  work: CopyWork,
): Promise<Map<string, Node>> {
  const { keyword, flags, json, text } = instruction
  const { escapeChar } = work.settings
  const lookup = lookupOf(draft)
  const words = (json ?? splitWords(text, escapeChar)).map((word) => expandWord(word, lookup, escapeChar))
  const destination = words.at(-1) ?? ''
  const sources = words.slice(0, -1)
  const value = (name: string) => flags.find((flag) => flag.name === name)?.value
  const unsupported = flags.find(({ name }) => !['from', 'chown', 'chmod', 'link'].includes(name))
  if (unsupported) throw new Error(`not supported in this sandbox: ${keyword} --${unsupported.name}`)
  if (sources.length === 0) {
    throw new DockerfileError(
      instruction.line,
      `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`,
    )
  }
  if (sources.length > 1 && !/[/]$|^\.{1,2}$/.test(destination)) {
    throw new Error(
      `When using ${keyword} with more than one source file, the destination must be a directory and end with a /`,
    )
  }
  const remote = keyword === 'ADD' ? sources.find((source) => /^(https?|git|ssh):|^git@/.test(source)) : undefined
  if (remote) throw new Error(`not supported in this sandbox: ADD of ${remote}; fetch it in the job and COPY it`)
  const from = value('from')
  const origin =
    from === undefined
      ? { tree: work.context, builtIn: false }
      : await work.origin(expandWord(from, lookup, escapeChar))
  const expanded = (name: string) => expandWord(value(name) ?? '', lookup, escapeChar)
  // Files of the context belong to root; files of another stage keep their owner.
  const owner = from !== undefined && value('chown') === undefined ? undefined : ownerOf(expanded('chown'), draft)
  const mode = permissionsOf(expanded('chmod'))
  const options = {
    sources,
    destination,
    workdir: draft.config.WorkingDir ?? '/',
    owner,
    mode,
    keepOwner: from !== undefined && value('chown') === undefined,
  }
  try {
    const written = copy(origin.tree, draft.tree, options)
    const archive =
      keyword === 'ADD' && [...written].find(([, node]) => node.type === 'file' && isArchive(node.content))
    if (archive)
      throw new Error(
        `not supported in this sandbox: ADD of the archive ${archive[0]}, which it would unpack; use COPY`,
      )
    return written
  } catch (error) {
    if (!(error instanceof NotInContext)) throw error
    const ref = createHash('sha256').update(`${work.id} ${from}`).digest('hex').slice(0, 25)
    const why = origin.builtIn ? ` (the ${from} image is built in here and holds no files)` : ''
    throw new Error(`failed to compute cache key: failed to calculate checksum of ref ${ref}: ${error.message}${why}`)
  }
}

const isArchive = (content: Buffer): boolean =>
  content.subarray(257, 262).toString('latin1') === 'ustar' ||
  (content[0] === 0x1f && content[1] === 0x8b) ||
  content.subarray(0, 3).toString('latin1') === 'BZh' ||
  content.subarray(1, 6).toString('latin1') === '7zXZ\0'
