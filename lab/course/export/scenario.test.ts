import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Course, Step } from '../../engine/course.ts'
import { parseStep } from '../parse.ts'
import { scenario } from './scenario.ts'

const root = resolve(import.meta.dirname, '../../..')
const templates = Object.fromEntries(
  readdirSync(join(root, 'assets/killercoda')).map((name) => [
    name,
    readFileSync(join(root, 'assets/killercoda', name), 'utf8'),
  ]),
)

function parsed(markdown: string): Step {
  const { step, problems } = parseStep(markdown, { file: 'step.md', folder: '1-one', number: 1 })
  expect(problems).toEqual([])
  return step
}

/** What a scenario shows of one task. */
function shown(task: string): string {
  const step = parsed(`---\ntitle: One\nminutes: 1\ngoal: It is so.\n---\n\n## Do it {#do-it}\n\n${task}\n`)
  const course: Course = {
    title: 'A lab',
    intro: 'Hello.',
    finish: '',
    requirements: [],
    variables: {},
    steps: [step],
    drills: [],
  }
  const file = scenario(course, templates, '1.2.3').files.find(({ path }) => path === 'a-lab/1-one/text.md')
  return file?.content.split('## Do it\n\n')[1]?.split('\n\nDone? ')[0] ?? ''
}

const folder = mkdtempSync(join(tmpdir(), 'gl-export-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs what a scenario offers at a click, with LAB_DIR. */
function click(text: string): void {
  const script = /^```\n([\s\S]*)\n```\{\{exec\}\}$/.exec(text)?.[1] ?? `echo "no block: ${text}"; exit 1`
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], LAB_DIR: folder },
  })
}

describe('a task of a scenario', () => {
  it('runs commands at a click, shows output, copies commands that it does not run, leaves notes out', () => {
    expect(shown('```sh run\nls\n```')).toBe('```\nls\n```{{exec}}')
    expect(shown('```sh run\nls\n```\n\n```text output\na\n```')).toContain('{{exec}}\n\n```text\na\n```')
    expect(shown('Type.\n\n```sh\nls\n```')).toBe('Type.\n\n```sh\nls\n```{{copy}}')
    expect(shown('Read.\n\n> [!NOTES]\n> - Say: boo')).toBe('Read.')
  })

  it('unfolds hints one by one', () => {
    expect(shown('> [!HINT]\n> Look.\n\n> [!HINT]\n> Look again.')).toBe(
      '<details>\n<summary>Hint 1</summary>\n\nLook.\n\n</details>\n\n<details>\n<summary>Hint 2</summary>\n\nLook again.\n\n</details>',
    )
  })

  it('puts a port-forward into the background, where the host finds it, and leads the browser there', () => {
    const text = shown(
      '```sh run id=web background\nkubectl port-forward service/x 8080:80\n```\n\nOpen <http://127.0.0.1:8080/a>.',
    )
    expect(text).toContain(
      '```\nkubectl port-forward --address 0.0.0.0 service/x 8080:80 >/tmp/web.log 2>&1 &\n```{{exec}}',
    )
    expect(text).toContain('[port 8080/a]({{TRAFFIC_HOST1_8080}}/a)')
  })

  it('writes files as they stand, whatever is in them', () => {
    click(shown('````text file=deep/er/a.txt\n$HOME `x`\nEOF\n````'))
    expect(readFileSync(join(folder, 'deep/er/a.txt'), 'utf8')).toBe('$HOME `x`\nEOF\n')
  })

  it.each([
    ['with numbers', '@@ -2,3 +2,3 @@\n two\n-three\n+3\n four'],
    ['without numbers', '@@\n two\n-three\n+3\n four'],
    ['without text before it', '@@\n-three\n+3\n four'],
    ['without text around it', '@@ -3 +3 @@\n-three\n+3'],
  ])('makes edits %s', (_, diff) => {
    mkdirSync(join(folder, 'in'), { recursive: true })
    writeFileSync(join(folder, 'in/a.txt'), 'one\ntwo\nthree\nfour\nfive\n')
    click(shown(`\`\`\`diff apply=in/a.txt\n${diff}\n\`\`\``))
    expect(readFileSync(join(folder, 'in/a.txt'), 'utf8')).toBe('one\ntwo\n3\nfour\nfive\n')
  })
})
