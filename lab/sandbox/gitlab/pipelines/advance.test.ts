import { describe, expect, it } from 'vitest'
import type { Job, JobStatus, JobWhen } from '../entities.ts'
import { advance } from './advance.ts'

const pipeline = { stages: ['.pre', 'test', 'containerize', 'deploy', '.post'] }
const config = (base: string) => ({ base, local_name: base, keywords: {}, variables: {} })
const job = (
  id: number,
  stage: string,
  status: JobStatus,
  more: { when?: JobWhen; needs?: Job['needs']; allow_failure?: boolean } = {},
) => ({
  id,
  name: `job${id}`,
  stage,
  status,
  when: more.when ?? 'on_success',
  needs: more.needs ?? null,
  allow_failure: more.allow_failure ?? false,
  exit_code: null,
  config: config(`job${id}`),
})
const need = (name: string) => ({ job: name, artifacts: true, optional: false })

describe('advance', () => {
  it('starts the first stage only', () => {
    expect(advance(pipeline, [job(1, 'test', 'created'), job(2, 'containerize', 'created')])).toEqual([
      { job: 1, status: 'pending' },
    ])
  })

  it('skips all that follows a failure, except what wants one', () => {
    expect(
      advance(pipeline, [
        job(1, 'test', 'failed'),
        job(2, 'containerize', 'created'),
        job(3, 'deploy', 'created'),
        job(4, 'deploy', 'created', { when: 'on_failure' }),
        job(5, '.post', 'created', { when: 'always' }),
      ]),
    ).toEqual([
      { job: 2, status: 'skipped' },
      { job: 3, status: 'skipped' },
      { job: 4, status: 'pending' },
    ])
  })

  it('does not wait for a stage when a job names what it needs', () => {
    expect(
      advance(pipeline, [
        job(1, 'test', 'success'),
        job(2, 'test', 'running'),
        job(3, 'containerize', 'created', { needs: [need('job1')] }),
      ]),
    ).toEqual([{ job: 3, status: 'pending' }])
  })

  it('starts a job without needs at once when needs is an empty list', () => {
    expect(advance(pipeline, [job(1, 'test', 'running'), job(2, 'deploy', 'created', { needs: [] })])).toEqual([
      { job: 2, status: 'pending' },
    ])
  })

  it('goes past a manual job that may be left out and stops at one that may not', () => {
    const rest = job(3, 'deploy', 'created')
    const manual = (allow_failure: boolean) => job(2, 'containerize', 'created', { when: 'manual', allow_failure })
    expect(advance(pipeline, [job(1, 'test', 'success'), manual(true), rest])).toEqual([
      { job: 2, status: 'manual' },
      { job: 3, status: 'pending' },
    ])
    expect(advance(pipeline, [job(1, 'test', 'success'), manual(false), rest])).toEqual([{ job: 2, status: 'manual' }])
  })
})
