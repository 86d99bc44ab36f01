import { stepOf } from '../../../engine/outline.ts'
import { summaryOf } from '../../../engine/report.ts'
import { currentTask } from '../../../engine/select.ts'
import type { Model, Tool } from '../model.ts'
import { elapsed, field, spin } from '../panes/rows.ts'
import { wrap } from '../text/fit.ts'
import { inlineCode } from '../text/inline.ts'

/** The first page: what will happen, what it needs, what it touches, and how far its world is. */
export function welcomeRows(model: Model, width: number): readonly string[] {
  const { theme, course, since } = model
  const { paint } = theme
  return [
    ...wrap(paint('heading', course?.title ?? 'gitops-lab'), width),
    '',
    ...(since ? returning(model, width) : introduction(model, width)),
    '',
    ...readiness(model, width),
  ]
}

function introduction(model: Model, width: number): readonly string[] {
  const { theme, course, place, render } = model
  const part = (name: string, text: string) => field(name, text, width, theme)
  const minutes = course?.steps.reduce((sum, step) => sum + step.minutes, 0) ?? 0
  return [
    ...(course && render
      ? render.markdown(course.intro, width)
      : paragraphs(course?.intro ?? 'Loading the course …', width, theme)),
    '',
    ...(course
      ? part(
          'steps',
          `${course.steps.length}, about ${minutes} minutes: ${course.steps.map(({ title }) => title).join(', ')}`,
        )
      : []),
    ...part(
      'how',
      'Read, and press Enter to run what you read, or type it in a terminal of your own: what counts is the state it leads to',
    ),
    ...part('makes', `${place.labDir}, where you work, and ${place.stateDir}; \`gitops-lab reset\` removes both`),
    ...part('leaves', 'your kubeconfig, git settings and docker logins as they are; it listens on this machine only'),
  ]
}

function returning({ theme, state, since, now }: Model, width: number): readonly string[] {
  if (!state || !since) return []
  const summary = summaryOf(state)
  const task = currentTask(state)
  const step = task && stepOf(state.outline, task.key)
  const part = (name: string, text: string) => field(name, text, width, theme)
  return [
    theme.paint('strong', 'Welcome back.'),
    '',
    ...(state.finishedAt !== undefined
      ? part('you are', 'through: every check passed')
      : step && task
        ? part('you are', `at step ${step.number} of ${state.outline.steps.length}, ${step.title}: ${task.title}`)
        : []),
    ...part('done', `${summary.tasks.passed} of ${summary.tasks.total} tasks`),
    ...part('away', elapsed(now, since.at)),
    ...(since.lines.length === 0
      ? part('since', 'nothing changed')
      : since.lines.slice(-8).flatMap((line, at) => part(at === 0 ? 'since' : '', line))),
  ]
}

function readiness({ link, tools, theme, now, place }: Model, width: number): readonly string[] {
  const { paint, symbols } = theme
  const part = (name: string, text: string) => field(name, text, width, theme)
  const lab = (text: string) => part('lab', text)
  switch (link.kind) {
    case 'looking':
      return [...toolRows(tools, width, theme), ...lab(paint('dim', 'looks at what is on this machine'))]
    case 'asking':
      return [
        ...toolRows(tools, width, theme),
        '',
        ...part('asks', `${paint('strong', `May it fetch ${link.tool}?`)} ${place.fetch ?? ''}`),
        ...part('', 'y fetches it; q leaves, and you can install it yourself'),
      ]
    case 'starting':
      return [
        ...toolRows(tools, width, theme),
        ...lab(
          `${paint('running', spin(theme, now))} starts${link.line ? `: ${link.line}` : ''} ${paint('dim', elapsed(now, link.since))}`,
        ),
      ]
    case 'up':
      return [...toolRows(tools, width, theme), ...lab(`${paint('passed', symbols.passed)} ready`)]
    case 'lost':
    case 'failed':
      return troubleRows(link, width, theme)
  }
}

/** What is known of a background process that is not there. */
export function troubleRows(
  link: Extract<Model['link'], { kind: 'lost' | 'failed' }>,
  width: number,
  theme: Model['theme'],
): readonly string[] {
  const title = link.kind === 'lost' ? 'The background process is gone' : 'The lab could not start'
  const text = link.kind === 'lost' ? `found     ${link.reason}` : link.message
  return [
    theme.paint('blocked', `${theme.symbols.blocked} ${title}`),
    ...wrap(inlineCode(text, theme), width),
    ...wrap(
      link.kind === 'lost'
        ? 'next      r starts it again. What you did is kept: progress, repositories, cluster.'
        : inlineCode('next      r tries again; `gitops-lab doctor` looks at this machine', theme),
      width,
    ),
  ]
}

function toolRows(tools: readonly Tool[] | undefined, width: number, theme: Model['theme']): readonly string[] {
  if (!tools) return []
  const { paint, symbols } = theme
  const list = tools.map(({ name, state, found }) =>
    state === 'ok'
      ? `${paint('passed', symbols.passed)} ${name} ${paint('dim', found)}`
      : `${paint('blocked', `${symbols.blocked} ${name}`)} ${found}`,
  )
  const missing = tools.filter(({ state }) => state !== 'ok')
  return [
    ...field('needs', list.join('  '), width, theme),
    ...missing.flatMap(({ next }) => (next === undefined ? [] : field('', next, width, theme))),
  ]
}

/** Paragraphs of Markdown until its renderer is there: only code is told apart. */
const paragraphs = (markdown: string, width: number, theme: Model['theme']): readonly string[] =>
  markdown
    .trim()
    .split(/\n\s*\n/)
    .flatMap((paragraph, at) => [
      ...(at === 0 ? [] : ['']),
      ...wrap(inlineCode(paragraph.replaceAll('\n', ' '), theme), width),
    ])
