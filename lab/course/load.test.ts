import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FIXTURE } from '../testing/fixture.ts'
import { lintCourse } from './lint.ts'
import { loadCourse, readCourse } from './load.ts'
import { problemText } from './problem.ts'

const temporary: string[] = []
afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true })
})

/** A copy of the fixture course, outside this repository, with one file changed. */
function changed(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lab-course-'))
  temporary.push(folder)
  cpSync(FIXTURE, join(folder, 'lab'), { recursive: true })
  const path = join(folder, 'lab', file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  return join(folder, 'lab')
}

describe('loadCourse', () => {
  it('loads a course from anywhere, with checks that import gitops-lab/step', async () => {
    const course = await loadCourse(changed('lab.yaml', (text) => text))
    expect(course.steps.map(({ slug }) => slug)).toEqual(['files', 'delivery'])
    expect(course.variables).toEqual({ GREETING: 'hello' })
    expect(course.steps[0]?.tasks[1]?.checks[0]).toMatchObject({ name: 'the file greets', mode: 'level' })
    expect(lintCourse(course)).toEqual([])
  })

  it.each<[string, string, (text: string) => string, string]>([
    [
      'lab.yaml',
      'an unknown key',
      (t) => `${t}requirement: x\n`,
      'lab/lab.yaml:12: unknown key "requirement"; did you mean "requirements"?',
    ],
    [
      'lab.yaml',
      'a missing folder',
      (t) => t.replace('2-delivery', '2-delivry'),
      '"order" names "2-delivry", but there is no lab/2-delivry/step.md',
    ],
    [
      '1-files/checks.ts',
      'checks without a task',
      (t) => t.replace('greet: [', 'gret: ['),
      'checks for "gret", which is no task of 1-files; did you mean "greet"?',
    ],
    [
      '1-files/checks.ts',
      'a task without checks',
      (t) => t.replace('greet: [', 'gret: ['),
      'lab/1-files/step.md:16: "greet" has no checks in lab/1-files/checks.ts',
    ],
    [
      '1-files/step.md',
      'checks of a look',
      (t) => t.replace('{#edit}', '{#edit kind=look}'),
      '"edit" is only looked at (kind=look)',
    ],
    ['1-files/checks.ts', 'a syntax error', (t) => `${t}\nconst = 1`, 'lab/1-files/checks.ts:37:'],
    [
      '1-files/checks.ts',
      'an error while loading',
      (t) => `${t}\nthrow new Error('boom')`,
      'lab/1-files/checks.ts:37: boom',
    ],
    [
      '1-files/checks.ts',
      'no default export',
      (t) => t.replace('export default', 'export const x ='),
      'exports no checks',
    ],
    ['chain.ts', 'a syntax error', (t) => `${t}\nconst = 1`, 'lab/chain.ts:'],
    [
      'chain.ts',
      'no default export',
      (t) => t.replace('export default', 'export const x ='),
      'lab/chain.ts:1: exports no chain',
    ],
  ])('%s: %s', async (file, _, change, expected) => {
    await expect(loadCourse(changed(file, change))).rejects.toThrow(expected)
  })

  it('says that a folder holds no course', () => {
    expect(() => readCourse(tmpdir())).toThrow('lab.yaml:1: is missing: a folder with a course holds a lab.yaml')
  })
})

describe('lintCourse', () => {
  it.each<[string, (text: string) => string, string]>([
    [
      'a secret as an argument',
      (t) => t.replace('echo "$GREETING"', 'curl -u a:b x'),
      'lab/1-files/step.md:22: a secret as an argument',
    ],
    [
      'an output that nothing prints',
      (t) => t.replace(/```sh run\ncat[^`]*```/, '```sh\ncat x\n```'),
      'lab/1-files/step.md:40: an output fence follows the command that prints it',
    ],
    [
      'two outputs of one command',
      (t) => t.replace('hello\n```', 'hello\n```\n\n```text output\nhello\n```'),
      'lab/1-files/step.md:44: a command has one output fence',
    ],
    [
      'the output of an edit',
      (t) => `${t}\n\`\`\`text output\nedited\n\`\`\`\n`,
      'an output fence follows a command; what an edit',
    ],
    [
      'a comment in a command',
      (t) => t.replace('echo "$GREETING"', 'echo "$GREETING" # now'),
      'lab/1-files/step.md:22: cannot be pasted into every shell: zsh takes no comments',
    ],
    [
      'a link that leads nowhere',
      (t) => t.replace('In LAB_DIR.', 'See [the docs](docs/x.md) and [there](#edit).'),
      'lab/1-files/step.md:1: the link to "docs/x.md" leads nowhere',
    ],
    [
      'a command in a hint that zsh refuses',
      (t) => t.replace('> In LAB_DIR.', '> `git add *.txt`'),
      'lab/1-files/step.md:16: `git add *.txt`: cannot be pasted into every shell: "*"',
    ],
    ['a hint that says nothing', (t) => t.replace('> In LAB_DIR.', '>'), '"greet" has an empty hint'],
    ['a probe that never stops', (t) => t.replace('{#edit}', '{#edit probe=start}'), 'the probe is started twice'],
    ['an act without an action', (t) => t.replace(/```diff[^`]*```/, ''), '"edit" has no command, edit or file'],
  ])('%s', async (_, change, expected) => {
    const course = await loadCourse(changed('1-files/step.md', change))
    expect(lintCourse(course).map(problemText).join('\n')).toContain(expected)
  })
})

describe('what is no text that anybody wrote', () => {
  it.each<[string, (path: string) => void, string]>([
    ['a huge file', (path) => writeFileSync(path, 'a'.repeat(3_000_000)), 'expected 1 MiB at most, found 2.9 MiB'],
    ['bytes', (path) => writeFileSync(path, '---\0---'), 'expected text, found bytes'],
    [
      'a folder',
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
      'expected a file',
    ],
    [
      'a cycle of symlinks',
      (path) => {
        rmSync(path)
        symlinkSync('step.md', path)
      },
      'there is no lab/1-files/step.md',
    ],
    [
      'front matter that is not YAML',
      (path) => writeFileSync(path, '---\ntitle: [x\n---\n## A {#a}\n'),
      'lab/1-files/step.md:2: Flow sequence',
    ],
  ])('%s is refused', async (_, make, expected) => {
    const folder = changed('lab.yaml', (text) => text)
    make(join(folder, '1-files', 'step.md'))
    await expect(loadCourse(folder)).rejects.toThrow(expected)
  })

  it('symlinks that lead back up do no harm', async () => {
    const folder = changed('lab.yaml', (text) => text)
    symlinkSync('..', join(folder, '1-files', 'up'))
    expect((await loadCourse(folder)).steps).toHaveLength(2)
  })
})
