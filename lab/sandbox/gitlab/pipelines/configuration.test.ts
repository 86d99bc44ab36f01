import { describe, expect, it } from 'vitest'
import { errorsFrom, parseConfiguration, refuseIncludes, refuseJobs, stagesOf } from './configuration.ts'

describe('errors of a configuration', () => {
  it.each([
    ['', 'Please provide content of .gitlab-ci.yml'],
    ['just words', 'Invalid configuration format'],
    ['- a list', 'Invalid configuration format'],
  ])('of %j: %s', (text, error) => {
    expect(parseConfiguration(text)).toEqual({ error })
  })

  it('tell where YAML does not parse', () => {
    const result = parseConfiguration('test:\n  script:\n - a\n  - b')
    expect(result).toEqual({ error: expect.stringMatching(/^\(<unknown>\): .+ at line \d column \d+$/) })
  })

  it.each([
    [
      { include: 'https://example.com/x.yml' },
      'Remote file `https://example.com/x.yml` could not be fetched because of a socket error!',
    ],
    [
      { include: [{ project: 'a/b', file: 'x.yml' }] },
      'Project `a/b` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.',
    ],
    [
      { include: { template: 'Docker.gitlab-ci.yml' } },
      'include:template `Docker.gitlab-ci.yml` is not available: the sandbox has only files of the same repository (include:local)',
    ],
    [{ include: { local: 'ci/x.yml' } }, undefined],
  ])('of includes %j', (configuration, error) => {
    expect(refuseIncludes(configuration)).toBe(error)
  })

  it('name what is not supported', () => {
    expect(refuseJobs({ down: { trigger: {} }, old: { script: ['a'], only: ['main'] } })).toEqual([
      'jobs:down config uses trigger:, which is not supported in this sandbox',
      'jobs:old config uses only:, which is not supported in this sandbox',
    ])
    expect(refuseJobs({ stages: ['a'], '.hidden': {} })).toEqual([
      'jobs config should contain at least one visible job',
    ])
  })

  // What gitlab-ci-local 4.73 writes, its notes about its own work included.
  it.each([
    [
      'parsing and downloads finished in 5 ms.\nstage:nope not found for test',
      'test job: chosen stage nope does not exist; available stages are .pre, build, test, deploy, .post',
    ],
    ['test must have script specified', 'jobs:test config should implement the script:, run:, or trigger: keyword'],
    [
      'needs: [nope] for test could not be found',
      "'test' job needs 'nope' job, but 'nope' does not exist in the pipeline. This might be because of the only, except, or rules keywords.",
    ],
    [
      "Invalid .gitlab-ci.yml configuration!\n\t• 'scirpt' property is not expected to be here at test [#/definitions/job/additionalProperties]\n\nFor further troubleshooting, consider either of the following:\n\t• Copy the content of x to y\n\t• Use --ignore-schema-paths z\n\t• Use --json-schema-validation=false to disable",
      'jobs:test config contains unknown keys: scirpt',
    ],
  ])('put %j into GitLab’s words', (complaint, error) => {
    expect(errorsFrom(complaint, stagesOf({}))).toEqual([error])
  })
})
