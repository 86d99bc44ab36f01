import { lexer, type Token, type Tokens } from 'marked'
import type { Block, Drill, Script } from '../engine/course.ts'
import { readAttributes } from './attributes.ts'
import { readFields } from './fields.ts'
import { CALLOUTS, isClosed, splitFrontMatter, withLines } from './parse.ts'
import { type Problem, Problems } from './problem.ts'

const FRONT_MATTER = { title: { type: 'text' }, symptom: { type: 'text' }, needs: { type: 'text' } } as const
const PURPOSES = ['prepare', 'inject', 'repair'] as const

type Draft = Record<(typeof PURPOSES)[number], Script[]> & { readonly blocks: Block[] }

/**
 * Reads a `drill.md`. `file` is its path as messages name it, `name` the name of its folder. Pure; everything that is
 * wrong is told, with its line.
 */
export function parseDrill(
  text: string,
  { file, name }: { file: string; name: string },
): { readonly drill: Drill; readonly problems: readonly Problem[] } {
  const problems = new Problems(file)
  const { head, body, bodyLine } = splitFrontMatter(text.replaceAll('\r\n', '\n'), problems)
  const fields = readFields(head, FRONT_MATTER, 2, problems)
  const draft: Draft = { prepare: [], inject: [], repair: [], blocks: [] }
  if (!/^[a-z0-9][a-z0-9-]{0,50}$/.test(name)) problems.add(1, `"${name}" is no name: small letters, digits and "-"`)
  for (const { token, line } of withLines(lexer(body), body, bodyLine)) addBlock(token, line, draft, problems)
  if (draft.inject.length === 0) problems.add(bodyLine, 'the drill has no fault: a fence "sh run inject" makes it')
  if (draft.repair.length === 0)
    problems.add(bodyLine, 'the drill has no repair: a fence "sh repair" proves its checks')
  if (!draft.blocks.some(({ kind }) => kind === 'hint')) problems.add(bodyLine, 'the drill has no hint: "> [!HINT]"')
  if (!draft.blocks.some(({ kind }) => kind === 'prose')) {
    problems.add(bodyLine, 'the drill explains nothing: its text is shown when it is solved')
  }
  return { drill: { name, ...fields, ...draft, checks: [], source: { file, line: 1 } }, problems: problems.list }
}

function addBlock(token: Token, line: number, draft: Draft, problems: Problems): void {
  const { blocks } = draft
  if (token.type === 'code' && (token as Tokens.Code).codeBlockStyle !== 'indented') {
    addFence(token as Tokens.Code, line, draft, problems)
    return
  }
  const callout = token.type === 'blockquote' ? /^\[!(\w+)\][ \t]*\n?/.exec((token as Tokens.Blockquote).text) : null
  if (callout) {
    const kind = CALLOUTS[callout[1] as string]
    if (kind !== 'hint') problems.add(line, `a drill has no callout "${callout[1]}", only HINT`)
    else blocks.push({ kind, markdown: (token as Tokens.Blockquote).text.slice(callout[0].length).trim() })
  } else if (token.type === 'heading')
    problems.add(line, 'a drill has no headings: its title stands in the front matter')
  else if (blocks.at(-1)?.kind === 'prose') {
    const before = blocks.pop() as Extract<Block, { kind: 'prose' }>
    blocks.push({ kind: 'prose', markdown: before.markdown + token.raw })
  } else if (token.type !== 'space') blocks.push({ kind: 'prose', markdown: token.raw })
}

/** `sh run prepare`, `sh run inject`, `sh repair`; any other fence is only shown. */
function addFence({ lang = '', text, raw }: Tokens.Code, line: number, draft: Draft, problems: Problems): void {
  const complain = (message: string) => problems.add(line, message)
  const [language = '', ...rest] = lang.split(/\s+/)
  const schema = { run: 'flag', prepare: 'flag', inject: 'flag', repair: 'flag' } as const
  const attributes = readAttributes(rest.join(' '), schema, complain)
  const purposes = PURPOSES.filter((name) => attributes[name] !== undefined)
  const [purpose] = purposes
  if (!isClosed(raw)) complain('the fence is not closed')
  if (purposes.length > 1) complain(`a fence is one of ${purposes.join(' and ')}, not both`)
  if ((attributes['run'] !== undefined) !== (purpose === 'prepare' || purpose === 'inject')) {
    complain('a fence of a drill is "sh run prepare", "sh run inject", "sh repair", or is only shown')
  }
  if (purpose && language !== 'sh') complain(`"${purpose}" goes with the language "sh"`)
  if (purpose && text.trim() === '') complain(`the fence "${purpose}" is empty`)
  if (purpose) draft[purpose].push({ text, source: { file: problems.file, line } })
  if (purpose === 'repair' || !purpose) draft.blocks.push({ kind: 'code', language, text })
}
