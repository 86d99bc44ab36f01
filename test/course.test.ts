import { join, resolve } from 'node:path'
import { lexer, walkTokens } from 'marked'
import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../lab/cli/parse.ts'
import { lintCourse } from '../lab/course/lint.ts'
import { loadCourse } from '../lab/course/load.ts'
import type { Block } from '../lab/engine/course.ts'

const course = await loadCourse(join(resolve(import.meta.dirname, '..'), 'steps'))
const { steps } = course
const blocksOf = ({ intro, tasks }: (typeof steps)[number]) => [...intro, ...tasks.flatMap(({ blocks }) => blocks)]
const kinds = (blocks: readonly Block[], kind: Block['kind']) => blocks.filter((block) => block.kind === kind)

/** Pictures and tables in plain characters: fences that are only shown. */
const pictures = [
  ...steps
    .flatMap(blocksOf)
    .flatMap((block) => (block.kind === 'code' && block.language === 'text' ? [block.text] : [])),
  ...[...`${course.intro}${course.finish}`.matchAll(/```text\n([\s\S]*?)```/g)].map(([, text]) => text as string),
]

describe('the text of the course', () => {
  it('has nothing that lint complains of', () => expect(lintCourse(course)).toEqual([]))

  it('names commands of this program that exist', () => {
    const texts = [
      course.intro,
      course.finish,
      ...steps.flatMap(blocksOf).map((block) => ('markdown' in block ? block.markdown : '')),
    ]
    const named = texts.flatMap((text) => [...text.matchAll(/`gitops-lab ([^`]+)`/g)].map(([, args]) => args as string))
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((args) => parseCommandLine(args.split(' '), '1').kind !== 'run')).toEqual([])
  })

  it('takes half an hour', () => {
    const minutes = steps.reduce((sum, step) => sum + step.minutes, 0)
    expect(minutes).toBeGreaterThanOrEqual(20)
    expect(minutes).toBeLessThanOrEqual(30)
  })

  it('says in each step what was learnt, and has notes for the presenter', () => {
    for (const step of steps) {
      expect(step.learnt.length, step.name).toBeGreaterThanOrEqual(3)
      expect(kinds(blocksOf(step), 'notes').length, step.name).toBeGreaterThanOrEqual(1)
    }
  })

  it('has two or three hints for each task in which something is done', () => {
    const hints = steps
      .flatMap(({ tasks }) => tasks)
      .filter(({ kind }) => kind === 'act')
      .map(({ id, blocks }) => ({ id, hints: kinds(blocks, 'hint').length }))
    expect(hints.filter(({ hints }) => hints < 2 || hints > 3)).toEqual([])
  })

  it('begins no hint with the command that is the answer', () => {
    const answers = steps
      .flatMap(({ tasks }) => tasks)
      .filter(({ actions, blocks }) => {
        const first = kinds(blocks, 'hint')[0]
        const text = first && 'markdown' in first ? first.markdown : ''
        return actions.some((action) => action.kind === 'run' && text.includes(action.script))
      })
    expect(answers).toEqual([])
  })

  it('shows what each command prints that tells something', () => {
    const silent = steps
      .flatMap(({ tasks }) => tasks)
      .filter(
        ({ actions, blocks }) => actions.some(({ kind }) => kind === 'run') && kinds(blocks, 'output').length === 0,
      )
    expect(silent.map(({ id }) => id)).toEqual([])
  })

  it('has pictures of plain characters that fit into 72 columns, beside a bar and a frame in 80', () => {
    expect(pictures.length).toBeGreaterThanOrEqual(5)
    for (const line of pictures.flatMap((text) => text.split('\n'))) {
      expect(line).toMatch(/^[ -~]{0,72}$/)
    }
  })

  it('has no inline command that is broken into two lines, since it could not be copied', () => {
    const broken: string[] = []
    for (const block of steps.flatMap(blocksOf)) {
      walkTokens(lexer('markdown' in block ? block.markdown : ''), ({ type, raw }) => {
        if (type === 'codespan' && raw.includes('\n')) broken.push(raw)
      })
    }
    expect(broken).toEqual([])
  })
})
