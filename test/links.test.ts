import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { lexer, walkTokens } from 'marked'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []))

const files = [...markdownIn('.'), ...markdownIn('docs')]

const linksIn = (text: string): string[] => {
  const links: string[] = []
  walkTokens(lexer(text), (token) => {
    if (token.type === 'link' || token.type === 'image') links.push(token['href'] as string)
  })
  return links.filter((href) => !/^(https?|mailto):/.test(href))
}

/** The anchors that GitHub makes of headings. */
const anchorsIn = (text: string): string[] =>
  text.split('\n').flatMap((line) => {
    const heading = /^#+ (.+)$/.exec(line)?.[1]
    if (heading === undefined) return []
    return [
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ]
  })

it.each(files)('%s links to what is there', (file) => {
  const dead = linksIn(readFileSync(join(root, file), 'utf8')).filter((href) => {
    const [path = '', anchor] = href.split('#')
    const target = path === '' ? join(root, file) : resolve(root, dirname(file), path)
    if (relative(root, target).startsWith('..') || !existsSync(target)) return true
    return anchor !== undefined && !anchorsIn(readFileSync(target, 'utf8')).includes(anchor)
  })
  expect(dead).toEqual([])
})
