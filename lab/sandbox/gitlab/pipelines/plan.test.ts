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

describe.concurrent('plan', () => {
  it('lists jobs in their stages, resolves extends and defaults, and evaluates rules', async () => {
    const result = await planOf(`
stages: [test, containerize]
workflow: { name: 'of $CI_COMMIT_BRANCH', rules: [{ if: '$CI_COMMIT_BRANCH' }] }
default: { retry: 1, image: 'node:22' }
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
      name: 'of main',
      stages: ['.pre', 'test', 'containerize', '.post'],
      jobs: [
        { name: 'test: [x]', stage: 'test', config: { base: 'test', keywords: { script: ['echo base'], retry: 1 } } },
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
  })

  it('says what is wrong with a keyword', async () => {
    expect(await planOf('test: { script: [a], scirpt: [b] }')).toEqual({
      type: 'invalid',
      errors: ['jobs:test config contains unknown keys: scirpt'],
    })
  })
})
