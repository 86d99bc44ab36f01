import { describe, expect, it } from 'vitest'
import { parseStep } from './parse.ts'
import { problemText } from './problem.ts'

const HEAD = '---\ntitle: T\nminutes: 2\ngoal: G\n---\n'
const parse = (text: string) => parseStep(text, { file: 'steps/3-argocd/step.md', folder: '3-argocd', number: 3 })
const problemsOf = (text: string) => parse(text).problems.map(problemText)
const inTask = (text: string) => problemsOf(`${HEAD}## A {#a}\n${text}`)

describe('parseStep', () => {
  it('reads front matter, tasks, actions and callouts with their lines', () => {
    const { step, problems } = parse(
      `${HEAD}Intro with [a link][l].\n\n## Do it {#do-it kind=require probe=start}\n\nFirst.\n\n- a\n- b\n\n\`\`\`sh run id=go background expect=failure\necho 'a  b'\n\n  ls\n\`\`\`\n\n> [!HINT]\n> Try \`x\`\n> twice.\n\nLast.\n\n## See {#see kind=look}\n\n\`\`\`text output\nok\n\`\`\`\n\`\`\`json\n{}\n\`\`\`\n\n[l]: http://x\n`,
    )
    expect(problems).toEqual([])
    expect(step).toMatchObject({ number: 3, name: '3-argocd', slug: 'argocd', title: 'T', minutes: 2, goal: 'G' })
    expect(step.intro).toEqual([{ kind: 'prose', markdown: 'Intro with [a link][l].\n\n' }])
    expect(step.tasks[0]).toMatchObject({
      id: 'do-it',
      title: 'Do it',
      kind: 'require',
      probe: 'start',
      source: { line: 8 },
    })
    expect(step.tasks[0]?.actions).toEqual([
      {
        kind: 'run',
        id: 'go',
        script: "echo 'a  b'\n\n  ls",
        background: true,
        expect: 'failure',
        source: { file: 'steps/3-argocd/step.md', line: 15 },
      },
    ])
    expect(step.tasks[0]?.blocks.map(({ kind }) => kind)).toEqual(['prose', 'action', 'hint', 'prose'])
    expect(step.tasks[0]?.blocks[2]).toEqual({ kind: 'hint', markdown: 'Try `x`\ntwice.' })
    expect(step.tasks[1]?.blocks).toMatchObject([
      { kind: 'output', text: 'ok' },
      { kind: 'code', language: 'json', text: '{}' },
      { kind: 'prose' },
    ])
  })

  it('reads edits and files', () => {
    const { step, problems } = parse(
      `${HEAD}## A {#a}\n\`\`\`diff apply=app/index.js\n-a\n+b\n\`\`\`\n\`\`\`yaml file=config/x.yaml id=x\na: 1\n\`\`\`\n`,
    )
    expect(problems).toEqual([])
    expect(step.tasks[0]?.actions).toMatchObject([
      { kind: 'edit', id: 'a-1', path: 'app/index.js', diff: '-a\n+b' },
      { kind: 'write', id: 'x', path: 'config/x.yaml', content: 'a: 1\n' },
    ])
  })

  it.each([
    [
      '---\ntitle: T\ntilte: U\nminutes: 2\ngoal: G\n---\n## A {#a}\n',
      ['3: unknown key "tilte"; did you mean "title"?'],
    ],
    [
      '---\nminutes: -1\ntitle: [a]\n---\n## A {#a}\n',
      [
        '2: "minutes" has to be a number above 0',
        '3: "title" has to be a text that is not empty',
        '2: "goal" is missing',
      ],
    ],
    ['---\ntitle: "T\nminutes: 2\ngoal: G\n---\n## A {#a}\n', ['4: Missing closing "quote']],
    [
      'no front matter',
      [
        '1: expected front matter between two lines "---"',
        '2: "title" is missing',
        '2: "minutes" is missing',
        '2: "goal" is missing',
        '1: the step has no task: "## Title {#id}"',
      ],
    ],
    [`${HEAD}# Title\n## A {#a}`, ['6: the title stands in the front matter; a task begins with "## "']],
    [`${HEAD}## A\n`, ['6: a task needs an id: "## Title {#id}", of small letters, digits and "-"']],
    [`${HEAD}## A {#a}\n## B {#a}\n`, ['7: the id "a" is used twice']],
    [
      `${HEAD}## A {#a knd=look kind=loook}\n`,
      [
        '6: unknown attribute "knd"; did you mean "kind"?',
        '6: attribute "kind" is act or require or look, not "loook"',
      ],
    ],
    [`${HEAD}\`\`\`sh run\nls\n\`\`\`\n## A {#a}`, ['6: a command belongs into a task: "## Title {#id}" comes first']],
  ])('%j', (text, expected) => {
    expect(
      problemsOf(text)
        .map((line) => line.replace('steps/3-argocd/step.md:', ''))
        .map((line) => line.split(' at line')[0]),
    ).toEqual(expected)
  })

  it.each([
    ['```sh rnu\nls\n```', ['7: unknown attribute "rnu"; did you mean "run"?']],
    ['```sh run run\nls\n```', ['7: attribute "run" is given twice']],
    ['```sh run=x\nls\n```', ['7: attribute "run" takes no value']],
    ['```sh run id=\nls\n```', ['7: attribute "id" needs a value: id=…']],
    ['```sh run id=A_b\nls\n```', ['7: "A_b" is no id: small letters, digits and "-"']],
    ['```yaml run\nls\n```', ['7: "run" goes with the language "sh"']],
    ['```sh run output\nls\n```', ['7: a fence is one of run and output, not both']],
    ['```sh background\nls\n```', ['7: attribute "background" does not go with a fence that is only shown']],
    ['```yaml file=x background\na\n```', ['7: attribute "background" does not go with "file"']],
    ['```sh run\n\n```', ['7: the fence "a-1" is empty']],
    ['```yaml file=../x\na\n```', ['7: "../x" leads out of LAB_DIR']],
    ['```yaml apply=x\n-a\n```', ['7: "apply" goes with the language "diff"']],
    ['```diff apply=x\na\n```', ['7: line 1 of the diff begins with neither " ", "+", "-" nor "@@"']],
    ['```sh output\nls\n```', ['7: "output" goes with the language "text"']],
    ['```sh run id=x\nls\n```\n```sh run id=x\nls\n```', ['10: the id "x" is used twice']],
    ['```sh run\nls', ['7: the fence is not closed']],
    [
      '- a\n  ```sh run\n  ls\n  ```',
      ['7: a fence that runs or writes something stands at the left margin, in no list or quote'],
    ],
    ['> [!HINTS]\n> a', ['7: unknown callout "HINTS"; did you mean "HINT"?']],
  ])('%j', (text, expected) => {
    expect(inTask(text).map((line) => line.replace('steps/3-argocd/step.md:', ''))).toEqual(expected)
  })
})
