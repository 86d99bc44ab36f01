import type { Action, Block } from '../engine/course.ts'
import { patchProblem } from '../engine/patch.ts'
import { type AttributeSchema, type Attributes, readAttributes } from './attributes.ts'
import type { Problems } from './problem.ts'

export type Fence = { readonly info: string; readonly text: string; readonly line: number }

const SCHEMA: AttributeSchema = {
  run: 'flag',
  background: 'flag',
  expect: ['success', 'failure'],
  id: 'value',
  apply: 'value',
  file: 'value',
  output: 'flag',
}
const PURPOSES = ['run', 'apply', 'file', 'output'] as const
type Purpose = (typeof PURPOSES)[number]
const BESIDE: Readonly<Record<Purpose, readonly string[]>> = {
  run: ['id', 'background', 'expect'],
  apply: ['id'],
  file: ['id'],
  output: [],
}

/** Whether a fence does something, by its info string. */
export const isAction = (info: string): boolean =>
  / (run|apply=|file=)/.test(` ${info.split(/\s+/).slice(1).join(' ')}`)

/** Reads a fence; `defaultId` names its action where the fence does not. */
export function readFence(fence: Fence, defaultId: string, problems: Problems): { block: Block; action?: Action } {
  const [language = '', ...rest] = fence.info.split(/\s+/)
  const { text, line } = fence
  const complain = (message: string) => problems.add(line, message)
  const attributes = readAttributes(rest.join(' '), SCHEMA, complain)
  const purposes = PURPOSES.filter((purpose) => attributes[purpose] !== undefined)
  const [purpose] = purposes
  if (purposes.length > 1) complain(`a fence is one of ${purposes.join(' and ')}, not both`)
  for (const name of Object.keys(attributes)) {
    if (name !== purpose && !(purpose ? BESIDE[purpose] : []).includes(name) && !purposes.includes(name as Purpose)) {
      complain(`attribute "${name}" does not go with ${purpose ? `"${purpose}"` : 'a fence that is only shown'}`)
    }
  }
  if (!purpose) return { block: { kind: 'code', language, text } }
  if (purpose === 'output') {
    if (language !== 'text') complain('"output" goes with the language "text"')
    return { block: { kind: 'output', text, source: { file: problems.file, line } } }
  }
  const action = readAction(purpose, { language, text, line }, attributes, defaultId, problems)
  return { block: { kind: 'action', action: action.id, language, text }, action }
}

function readAction(
  purpose: 'run' | 'apply' | 'file',
  { language, text, line }: { language: string; text: string; line: number },
  attributes: Attributes,
  defaultId: string,
  problems: Problems,
): Action {
  const complain = (message: string) => problems.add(line, message)
  const id = attributes['id'] ?? defaultId
  const source = { file: problems.file, line }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) complain(`"${id}" is no id: small letters, digits and "-"`)
  if (text.trim() === '') complain(`the fence "${id}" is empty`)
  if (purpose === 'run') {
    if (language !== 'sh' && language !== 'bash') complain('"run" goes with the language "sh"')
    const expect = attributes['expect'] === 'failure' ? 'failure' : 'success'
    return { kind: 'run', id, script: text, background: attributes['background'] === 'true', expect, source }
  }
  const path = attributes[purpose] as string
  if (path.startsWith('/') || path.split('/').includes('..')) complain(`"${path}" leads out of LAB_DIR`)
  if (purpose === 'file') return { kind: 'write', id, path, content: `${text}\n`, source }
  if (language !== 'diff') complain('"apply" goes with the language "diff"')
  const wrong = patchProblem(text)
  if (wrong) complain(wrong)
  return { kind: 'edit', id, path, diff: text, source }
}
