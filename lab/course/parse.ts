import { lexer, type Token, type Tokens } from 'marked'
import type { Action, Block, Source, Step, Task, TaskKind } from '../engine/course.ts'
import { didYouMean } from '../engine/suggest.ts'
import { readAttributes } from './attributes.ts'
import { isAction, readFence } from './fence.ts'
import { readFields } from './fields.ts'
import { type Problem, Problems } from './problem.ts'

/** A step as its Markdown says it: its tasks have no checks yet. */
export type ParsedStep = { readonly step: Step; readonly problems: readonly Problem[] }

/** What callouts are called. */
export const CALLOUTS: Readonly<Record<string, 'hint' | 'why' | 'warning' | 'notes'>> = {
  HINT: 'hint',
  WHY: 'why',
  WARNING: 'warning',
  NOTES: 'notes',
}

const FRONT_MATTER = {
  title: { type: 'text' },
  minutes: { type: 'number' },
  goal: { type: 'text' },
  learnt: { type: 'texts', optional: true },
} as const

type Draft = {
  readonly id: string
  readonly title: string
  readonly kind: TaskKind
  readonly probe: 'start' | 'stop' | undefined
  readonly source: Source
  readonly blocks: Block[]
  readonly actions: Action[]
}

/**
 * Reads a `step.md`. `file` is its path as messages name it, `folder` the name of its folder, `number` its place in
 * the course. Pure; everything that is wrong is told, with its line.
 */
export function parseStep(
  text: string,
  { file, folder, number }: { file: string; folder: string; number: number },
): ParsedStep {
  const problems = new Problems(file)
  const { head, body, bodyLine } = splitFrontMatter(text.replaceAll('\r\n', '\n'), problems)
  const { title, minutes, goal, learnt } = readFields(head, FRONT_MATTER, 2, problems)
  const intro: Block[] = []
  const drafts: Draft[] = []
  for (const { token, line } of withLines(lexer(body), body, bodyLine)) {
    if (token.type === 'heading' && token.depth === 1) {
      problems.add(line, 'the title stands in the front matter; a task begins with "## "')
    } else if (token.type === 'heading' && token.depth === 2) {
      drafts.push(readHeading((token as Tokens.Heading).text, line, problems, drafts))
    } else addBlock(token, line, drafts.at(-1), intro, problems)
  }
  if (drafts.length === 0) problems.add(bodyLine, 'the step has no task: "## Title {#id}"')
  const tasks = drafts.map((draft): Task => ({ ...draft, checks: [] }))
  const slug = folder.replace(/^\d+-/, '')
  return { step: { number, name: folder, slug, title, minutes, goal, learnt, intro, tasks }, problems: problems.list }
}

/** Takes the front matter off a file. `bodyLine` is the line at which the rest begins. */
export function splitFrontMatter(text: string, problems: Problems): { head: string; body: string; bodyLine: number } {
  const match = /^---\n([\s\S]*?)\n---(?:\n|$)/.exec(text)
  if (!match) {
    problems.add(1, 'expected front matter between two lines "---"')
    return { head: '', body: text, bodyLine: 1 }
  }
  return { head: match[1] as string, body: text.slice(match[0].length), bodyLine: match[0].split('\n').length }
}

/** The lexer's tokens carry no positions, but their raw texts stand one after the other. */
export function withLines(tokens: readonly Token[], text: string, firstLine: number): { token: Token; line: number }[] {
  let cursor = 0
  let line = firstLine
  const moveTo = (offset: number) => {
    line += text.slice(cursor, offset).split('\n').length - 1
    cursor = offset
  }
  return tokens.map((token) => {
    const found = text.indexOf(token.raw, cursor)
    const start = found < 0 ? cursor : found
    moveTo(start + (token.raw.length - token.raw.trimStart().length))
    const at = line
    moveTo(Math.max(cursor, start + token.raw.length))
    return { token, line: at }
  })
}

function readHeading(heading: string, line: number, problems: Problems, others: readonly Draft[]): Draft {
  const match = /^(.*?)\s*\{([^{}]*)\}$/.exec(heading)
  const [first = '', ...rest] = (match?.[2] ?? '').trim().split(/\s+/)
  const complain = (message: string) => problems.add(line, message)
  const id = first.startsWith('#') ? first.slice(1) : ''
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id))
    complain('a task needs an id: "## Title {#id}", of small letters, digits and "-"')
  else if (others.some((other) => other.id === id)) complain(`the id "${id}" is used twice`)
  const attributes = readAttributes(
    (first.startsWith('#') ? rest : [first, ...rest]).join(' '),
    { kind: ['act', 'require', 'look'], probe: ['start', 'stop'] },
    complain,
  )
  return {
    id,
    title: match?.[1] ?? heading,
    kind: (attributes['kind'] ?? 'act') as TaskKind,
    probe: attributes['probe'] as 'start' | 'stop' | undefined,
    source: { file: problems.file, line },
    blocks: [],
    actions: [],
  }
}

function addBlock(token: Token, line: number, task: Draft | undefined, intro: Block[], problems: Problems): void {
  const blocks = task?.blocks ?? intro
  if (token.type === 'code' && (token as Tokens.Code).codeBlockStyle !== 'indented') {
    const { lang = '', text, raw } = token as Tokens.Code
    if (!isClosed(raw)) problems.add(line, 'the fence is not closed')
    const { block, action } = readFence(
      { info: lang, text, line },
      `${task?.id ?? 'intro'}-${(task?.actions.length ?? 0) + 1}`,
      problems,
    )
    if (action && !task) problems.add(line, 'a command belongs into a task: "## Title {#id}" comes first')
    if (action && task?.actions.some(({ id }) => id === action.id))
      problems.add(line, `the id "${action.id}" is used twice`)
    if (action) task?.actions.push(action)
    blocks.push(block)
    return
  }
  if (hasAction(token))
    problems.add(line, 'a fence that runs or writes something stands at the left margin, in no list or quote')
  const callout = token.type === 'blockquote' ? /^\[!(\w+)\][ \t]*\n?/.exec((token as Tokens.Blockquote).text) : null
  if (callout) {
    const name = callout[1] as string
    const kind = CALLOUTS[name]
    if (!kind) problems.add(line, `unknown callout "${name}"${didYouMean(name, Object.keys(CALLOUTS))}`)
    else blocks.push({ kind, markdown: (token as Tokens.Blockquote).text.slice(callout[0].length).trim() })
    return
  }
  const before = blocks.at(-1)
  if (before?.kind === 'prose') blocks[blocks.length - 1] = { kind: 'prose', markdown: before.markdown + token.raw }
  else if (token.type !== 'space') blocks.push({ kind: 'prose', markdown: token.raw })
}

/** Whether a fence, given as it stands in the file, has its last line. */
export const isClosed = (raw: string): boolean => {
  const fence = /^\s*(`{3,}|~{3,})/.exec(raw)?.[1]
  const last = raw.trimEnd().split('\n').at(-1)?.trim() ?? ''
  return fence === undefined || (raw.trimEnd().includes('\n') && last.startsWith(fence) && /^[`~]+$/.test(last))
}

/** Whether a fence with a purpose is nested in a token, where nobody would look for it. */
function hasAction(token: Token): boolean {
  if (token.type === 'code') return isAction((token as Tokens.Code).lang ?? '')
  const inner = [...((token as { tokens?: Token[] }).tokens ?? []), ...((token as { items?: Token[] }).items ?? [])]
  return inner.some(hasAction)
}
