import { lexer, walkTokens } from 'marked'
import type { Task } from '../engine/course.ts'

const COMMAND = /^(?:bash|curl|git|gitops-lab|kubectl) \S/

/** Commands that a task shows without running them, and that a learner copies: fences for the eye, and inline ones. */
export const shownCommands = ({ blocks }: Pick<Task, 'blocks'>): readonly string[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'code') return ['sh', 'bash'].includes(block.language) ? [block.text] : []
    return 'markdown' in block ? inlineIn(block.markdown).filter((text) => COMMAND.test(text)) : []
  })

function inlineIn(markdown: string): readonly string[] {
  const found: string[] = []
  walkTokens(lexer(markdown), (token) => {
    if (token.type === 'codespan') found.push(token['text'] as string)
  })
  return found
}
