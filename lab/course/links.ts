import { lexer, walkTokens } from 'marked'
import type { Step } from '../engine/course.ts'

/** Links in a step's text that lead nowhere from where it is read: a terminal, or somebody else's web page. */
export function deadLinks(step: Step): readonly string[] {
  const ids = step.tasks.map(({ id }) => `#${id}`)
  return textsOf(step)
    .flatMap(linksIn)
    .filter((href) => !/^https?:\/\//.test(href) && !ids.includes(href))
}

const textsOf = ({ intro, tasks }: Step): readonly string[] =>
  [...intro, ...tasks.flatMap(({ blocks }) => blocks)].flatMap((block) => ('markdown' in block ? [block.markdown] : []))

function linksIn(markdown: string): readonly string[] {
  const found: string[] = []
  walkTokens(lexer(markdown), (token) => {
    if (token.type === 'link' || token.type === 'image') found.push(token['href'] as string)
  })
  return found
}
