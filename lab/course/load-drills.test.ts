import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDrilledFixture } from '../testing/fixture.ts'
import { lintCourse } from './lint.ts'
import { loadCourse } from './load.ts'
import { problemText } from './problem.ts'

const MD = 'drills/lost-file/drill.md'
const YAML = 'lab.yaml'
const CHECKS = 'drills/lost-file/checks.ts'

const failure = (file: string, change: (text: string) => string) =>
  withDrilledFixture(async (directory) => {
    const path = join(directory, file)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
    return (await loadCourse(directory).catch((error: Error) => error.message)) as string
  })

describe('drills of a course', () => {
  it('are read with their scripts, hints, explanation and checks', async () => {
    const { drills } = await withDrilledFixture(loadCourse)
    expect(drills).toMatchObject([
      {
        name: 'lost-file',
        needs: 'files/edit',
        prepare: [
          { text: 'touch "$LAB_DIR/prepared.txt"', source: { file: 'lab/drills/lost-file/drill.md', line: 15 } },
        ],
        inject: [{ text: 'rm "$LAB_DIR/greeting.txt"' }],
        repair: [{ text: 'echo hello >"$LAB_DIR/greeting.txt"' }],
        checks: [{ name: 'somebody greets' }],
      },
    ])
    expect(drills[0]?.blocks.map(({ kind }) => kind)).toEqual(['prose', 'hint', 'hint', 'prose', 'code'])
  })

  it.each<[string, string, (text: string) => string, string]>([
    [
      'a drill that is not listed',
      YAML,
      (t) => t.replace('  - lost-file', '  - lost-fle'),
      'lab/lab.yaml:1: the drill "lost-file" is not in "drills"',
    ],
    [
      'a drill that is not there',
      YAML,
      (t) => `${t}  - lost-filee\n`,
      'there is no lab/drills/lost-filee/drill.md; did you mean "lost-file"?',
    ],
    ['a drill that is listed twice', YAML, (t) => `${t}  - lost-file\n`, '"drills" names "lost-file" twice'],
    [
      'an unknown key',
      MD,
      (t) => t.replace('symptom:', 'symptoms:'),
      `lab/${MD}:3: unknown key "symptoms"; did you mean "symptom"?`,
    ],
    [
      'a need that is no task',
      MD,
      (t) => t.replace('files/edit', 'files/edt'),
      `lab/${MD}:4: "needs" names no task of the course: "files/edt"; did you mean "files/edit"?`,
    ],
    ['no fault', MD, (t) => t.replace('sh run inject', 'sh'), `lab/${MD}:6: the drill has no fault`],
    ['no repair', MD, (t) => t.replace('sh repair', 'sh'), 'the drill has no repair'],
    ['no hint', MD, (t) => t.replaceAll('> [!HINT]\n', ''), 'the drill has no hint'],
    [
      'an unknown attribute',
      MD,
      (t) => t.replace('run inject', 'run injct'),
      `lab/${MD}:19: unknown attribute "injct"; did you mean "inject"?`,
    ],
    [
      'a fault that does not run',
      MD,
      (t) => t.replace('run inject', 'inject'),
      `lab/${MD}:19: a fence of a drill is "sh run prepare", "sh run inject"`,
    ],
    ['an open fence', MD, (t) => t.replace(/```\n$/, ''), `lab/${MD}:25: the fence is not closed`],
    [
      'another callout',
      MD,
      (t) => t.replace('[!HINT]', '[!WHY]'),
      `lab/${MD}:9: a drill has no callout "WHY", only HINT`,
    ],
    [
      'checks of another name',
      CHECKS,
      (t) => t.replace("'lost-file'", 'lost'),
      `lab/${CHECKS}:1: checks for "lost", but the drill is "lost-file"`,
    ],
    ['no checks', CHECKS, () => 'export default {}', `lab/${MD}:1: "lost-file" has no checks in lab/${CHECKS}`],
  ])('%s is told with its place', async (_, file, change, message) => {
    expect(await failure(file, change)).toContain(message)
  })

  it('has to have a checks.ts', async () => {
    const message = await withDrilledFixture(async (directory) => {
      rmSync(join(directory, CHECKS))
      return (await loadCourse(directory).catch((error: Error) => error.message)) as string
    })
    expect(message).toContain('has no checks in')
  })

  it('show no secret in the arguments of a script', async () => {
    const problems = await withDrilledFixture(async (directory) => {
      const path = join(directory, MD)
      writeFileSync(path, readFileSync(path, 'utf8').replace('echo hello', 'curl -H "PRIVATE-TOKEN: $TOKEN" x'))
      return lintCourse(await loadCourse(directory)).map(problemText)
    })
    expect(problems).toEqual([expect.stringContaining(`lab/${MD}:26: a secret as an argument`)])
  })
})
