import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { plan } from './plan.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const planOf = (text: string, variables: Record<string, string> = { CI_COMMIT_BRANCH: 'main' }) => {
  const folder = mkdtempSync(join(tmpdir(), 'gitops-lab-plan-'))
  folders.push(folder)
  const checkout = join(folder, 'checkout')
  mkdirSync(checkout)
  writeFileSync(join(checkout, '.gitlab-ci.yml'), text)
  return plan({
    checkout,
    configPath: '.gitlab-ci.yml',
    text,
    scratch: join(folder, 'scratch'),
    variables,
    evaluateChanges: false,
    unset: [],
  })
}

const errorsOf = async (text: string) => {
  const result = await planOf(text)
  return result.type === 'invalid' ? result.errors : result
}

describe.concurrent('plan', () => {
  it('lists jobs in their stages, resolves extends and evaluates rules', async () => {
    const result = await planOf(`
stages: [test, containerize]
.base: { script: [echo base] }
test: { stage: test, extends: .base, parallel: { matrix: [{ A: [x, y] }] } }
build:
  stage: containerize
  script: [docker build .]
  rules: [{ if: '$CI_COMMIT_BRANCH == "main"' }]
never:
  stage: test
  script: [exit 1]
  rules: [{ if: '$CI_COMMIT_BRANCH == "other"' }]
ask: { stage: test, script: [echo], when: manual }
`)
    expect(result).toMatchObject({
      type: 'jobs',
      stages: ['.pre', 'test', 'containerize', '.post'],
      jobs: [
        { name: 'test: [x]', stage: 'test', config: { base: 'test', keywords: { script: ['echo base'] } } },
        { name: 'test: [y]' },
        { name: 'build', stage: 'containerize', when: 'on_success', needs: null },
        { name: 'ask', when: 'manual', allow_failure: true },
      ],
    })
  })

  it('makes no pipeline that workflow:rules filter out', async () => {
    const text = `
workflow: { rules: [{ if: '$CI_COMMIT_TAG' }] }
test: { script: [echo] }
`
    expect(await planOf(text)).toMatchObject({ type: 'filtered', message: 'Pipeline filtered out by workflow rules.' })
    expect(await planOf(text, { CI_COMMIT_TAG: 'v1' })).toMatchObject({ type: 'jobs' })
  })

  it.each([
    ['', ['Please provide content of .gitlab-ci.yml']],
    ['just words', ['Invalid configuration format']],
    ['stages: [a]', ['jobs config should contain at least one visible job']],
    [
      'test: { stage: nope, script: [a] }',
      ['test job: chosen stage nope does not exist; available stages are .pre, build, test, deploy, .post'],
    ],
    ['test: { stage: test }', ['jobs:test config should implement the script:, run:, or trigger: keyword']],
    [
      'test: { needs: [nope], script: [a] }',
      [
        "'test' job needs 'nope' job, but 'nope' does not exist in the pipeline. This might be because of the only, except, or rules keywords.",
      ],
    ],
    ['test: { script: [a], scirpt: [b] }', ['jobs:test config contains unknown keys: scirpt']],
    [
      'down: { trigger: { include: child.yml } }',
      ['jobs:down config uses trigger:, which is not supported in this sandbox'],
    ],
    [
      'include: { remote: "https://example.com/x.yml" }',
      ['Remote file `https://example.com/x.yml` could not be fetched because of a socket error!'],
    ],
  ])('refuses %j', async (text, errors) => {
    expect(await errorsOf(text)).toEqual(errors)
  })

  it('tells where YAML does not parse', async () => {
    expect(await errorsOf('test:\n  script:\n - a\n  - b')).toEqual([
      expect.stringMatching(/^\(<unknown>\): .+ at line \d column \d+$/),
    ])
  })
})
