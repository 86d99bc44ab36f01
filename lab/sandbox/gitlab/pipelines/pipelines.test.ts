import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixture, eventually, type Fixture } from '../testing.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await createFixture()
})
afterAll(() => fixture.close())

const done = (project: string, ref = 'main') =>
  eventually(async () => {
    const { body } = await fixture.api('GET', `/projects/${encodeURIComponent(project)}/pipelines?ref=${ref}`)
    const [pipeline] = body
    return ['success', 'failed', 'canceled', 'skipped', 'manual'].includes(pipeline?.status) && pipeline
  })

const jobsOf = async (project: string, pipeline: number) => {
  const { body } = await fixture.api('GET', `/projects/${encodeURIComponent(project)}/pipelines/${pipeline}/jobs`)
  return Object.fromEntries(body.map((job: { name: string }) => [job.name, job]))
}

const traceOf = async (project: string, job: number): Promise<string> =>
  (await fixture.api('GET', `/projects/${encodeURIComponent(project)}/jobs/${job}/trace`)).body

describe.concurrent('pipelines', () => {
  it('runs the lab pipeline: test, then containerize', async () => {
    const directory = await fixture.workTree('app', {
      'package.json': JSON.stringify({ name: 'app', scripts: { test: 'node --test' } }),
      'app.test.js': "require('node:test')('adds', () => {})\n",
      '.gitlab-ci.yml': `
stages: [test, containerize]
test:
  stage: test
  image: node:22-alpine
  script: [npm test]
containerize:
  stage: containerize
  image: docker:28
  services: [docker:28-dind]
  before_script:
    - echo "$CI_REGISTRY_PASSWORD" | docker login "$CI_REGISTRY" -u "$CI_REGISTRY_USER" --password-stdin
  script:
    - docker build --pull -t "$CI_REGISTRY_IMAGE:1.0.$CI_PIPELINE_IID" .
    - echo "the token is $CI_JOB_TOKEN"
    - git log -1 --format=%s
`,
    })
    await fixture.push(directory, 'learner/app')
    const pipeline = await done('learner/app')
    const jobs = await jobsOf('learner/app', pipeline.id)
    const trace = await traceOf('learner/app', jobs['containerize'].id)
    expect(pipeline, trace).toMatchObject({ iid: 1, status: 'success', source: 'push', ref: 'main' })
    expect(await traceOf('learner/app', jobs['test'].id)).toMatch(/pass 1[\s\S]*Job succeeded/)
    expect(trace).toContain('docker was called with login registry.lab.test -u gitlab-ci-token --password-stdin')
    expect(trace).toContain('docker was called with build --pull -t registry.lab.test/learner/app:1.0.1 .')
    expect(trace).toContain('the token is [MASKED]')
    expect(trace).toContain('Begin')
    expect(trace).toContain('services: docker:28-dind is not started')
    expect(trace).not.toContain('exec 2>&1')
  })

  it('skips what follows a failed job and says how it failed', async () => {
    const directory = await fixture.workTree('bad', {
      '.gitlab-ci.yml':
        'test: { script: ["echo to stderr >&2", "exit 3"], after_script: [echo after] }\nlater: { stage: deploy, script: [echo] }\n',
    })
    await fixture.push(directory, 'learner/bad')
    const pipeline = await done('learner/bad')
    const jobs = await jobsOf('learner/bad', pipeline.id)
    expect(pipeline.status).toBe('failed')
    expect(jobs['test']).toMatchObject({ status: 'failed', failure_reason: 'script_failure' })
    expect(jobs['later']).toMatchObject({ status: 'skipped' })
    const trace = await traceOf('learner/bad', jobs['test'].id)
    expect(trace).toMatch(/to stderr[\s\S]*after[\s\S]*ERROR: Job failed: exit code 3/)

    const again = await fixture.api('POST', `/projects/learner%2Fbad/jobs/${jobs['test'].id}/retry`)
    expect(again).toMatchObject({
      status: 201,
      body: { name: 'test', status: expect.stringMatching(/pending|running/) },
    })
    expect(again.body.id).not.toBe(jobs['test'].id)
    await eventually(async () => (await jobsOf('learner/bad', pipeline.id))['test'].status === 'failed')
  })

  it('makes a failed pipeline of a configuration that is none, and a skipped one of ci.skip', async () => {
    const directory = await fixture.workTree('broken', { '.gitlab-ci.yml': 'test: { stage: nope, script: [a] }\n' })
    await fixture.push(directory, 'learner/broken')
    const pipeline = await done('learner/broken')
    const { body } = await fixture.api('GET', `/projects/learner%2Fbroken/pipelines/${pipeline.id}`)
    expect(body).toMatchObject({
      status: 'failed',
      yaml_errors: expect.stringContaining('chosen stage nope does not exist'),
    })

    await fixture.commit(directory, { '.gitlab-ci.yml': 'test: { script: [echo] }\n' }, 'Repair')
    await fixture.push(directory, 'learner/broken', '-o', 'ci.skip', 'HEAD:main')
    const skipped = await eventually(async () => {
      const last = await done('learner/broken')
      return last.iid === 2 && last
    })
    expect(skipped.status).toBe('skipped')
  })

  it('cancels a running job with all that it started', async () => {
    const directory = await fixture.workTree('slow', {
      '.gitlab-ci.yml': 'wait: { script: [echo started, sleep 300] }\n',
    })
    await fixture.push(directory, 'learner/slow')
    const pipeline = await eventually(async () => {
      const [found] = (await fixture.api('GET', '/projects/learner%2Fslow/pipelines')).body
      if (!found) return undefined
      const [job] = (await fixture.api('GET', `/projects/learner%2Fslow/pipelines/${found.id}/jobs`)).body
      return (await traceOf('learner/slow', job.id)).includes('started\n') && found
    })
    const canceled = await fixture.api('POST', `/projects/learner%2Fslow/pipelines/${pipeline.id}/cancel`)
    expect(canceled.body.status).toBe('canceled')
    const [job] = (await fixture.api('GET', '/projects/learner%2Fslow/jobs')).body
    expect(job.status).toBe('canceled')
    await eventually(async () => (await traceOf('learner/slow', job.id)).includes('ERROR: Job failed: canceled'))
  })

  it('hands artifacts and dotenv reports on, and keeps them as a zip', async () => {
    const directory = await fixture.workTree('artifacts', {
      '.gitlab-ci.yml': `
build:
  stage: build
  script: ['mkdir -p dist/a', 'echo hello > dist/a/file', 'chmod +x dist/a/file', 'echo VERSION=7 > build.env']
  artifacts: { paths: [dist/], reports: { dotenv: build.env } }
use:
  stage: test
  script: ['test -x dist/a/file', 'test "$VERSION" = 7', 'cat dist/a/file']
none:
  stage: test
  dependencies: []
  script: ['test ! -e dist']
`,
    })
    await fixture.push(directory, 'learner/artifacts')
    const pipeline = await done('learner/artifacts')
    const jobs = await jobsOf('learner/artifacts', pipeline.id)
    expect(pipeline.status, await traceOf('learner/artifacts', jobs['use'].id)).toBe('success')
    const file = await fixture.api(
      'GET',
      `/projects/learner%2Fartifacts/jobs/${jobs['build'].id}/artifacts/dist/a/file`,
    )
    expect(file).toMatchObject({ status: 200, body: 'hello\n' })
  })

  it('gives project variables to jobs, masks them, and keeps protected ones from other branches', async () => {
    const directory = await fixture.workTree('variables', {
      '.gitlab-ci.yml': `show: { script: ['echo "a=$PLAIN b=$SECRET c=$GUARDED d=$(cat $AS_FILE)"'] }\n`,
    })
    await fixture.api('POST', '/projects', { name: 'variables' })
    const add = (variable: object) => fixture.api('POST', '/projects/learner%2Fvariables/variables', variable)
    await add({ key: 'PLAIN', value: 'x $HOME y', raw: true })
    await add({ key: 'SECRET', value: 'hunter2hunter2', masked: true })
    await add({ key: 'GUARDED', value: 'guarded', protected: true })
    await add({ key: 'AS_FILE', value: 'content', variable_type: 'file' })
    await fixture.push(directory, 'learner/variables', 'HEAD:main')
    await fixture.push(directory, 'learner/variables', 'HEAD:other')
    const traces = await Promise.all(
      ['main', 'other'].map(async (ref) => {
        const pipeline = await done('learner/variables', ref)
        return traceOf('learner/variables', (await jobsOf('learner/variables', pipeline.id))['show'].id)
      }),
    )
    expect(traces[0]).toContain('a=x $HOME y b=[MASKED] c=guarded d=content')
    expect(traces[1]).toContain('a=x $HOME y b=[MASKED] c= d=content')
  })

  it('ends an interruptible pipeline when a newer commit comes', async () => {
    const text = 'default: { interruptible: true }\ntest: { script: ["test -e done || sleep 300"] }\n'
    const directory = await fixture.workTree('newer', { '.gitlab-ci.yml': text })
    await fixture.push(directory, 'learner/newer')
    const pipelines = async () => (await fixture.api('GET', '/projects/learner%2Fnewer/pipelines')).body
    await eventually(async () => (await pipelines())[0]?.status === 'running')
    await fixture.commit(directory, { done: '' })
    await fixture.push(directory, 'learner/newer')
    const statuses = await eventually(async () => {
      const all = (await pipelines()).map(({ status }: { status: string }) => status)
      return all[0] === 'success' && all
    })
    expect(statuses).toEqual(['success', 'canceled'])
  })

  it('starts a manual job on request and a pipeline through the API', async () => {
    const directory = await fixture.workTree('manual', {
      '.gitlab-ci.yml': 'ask: { script: ["echo played $WHO"], when: manual, allow_failure: false }\n',
    })
    await fixture.push(directory, 'learner/manual')
    expect((await done('learner/manual')).status).toBe('manual')
    const made = await fixture.api('POST', '/projects/learner%2Fmanual/pipeline', {
      ref: 'main',
      variables: [{ key: 'WHO', value: 'me' }],
    })
    expect(made).toMatchObject({ status: 201, body: { source: 'api', status: 'manual', iid: 2 } })
    const { ask } = await jobsOf('learner/manual', made.body.id)
    expect((await fixture.api('POST', `/projects/learner%2Fmanual/jobs/${ask.id}/play`)).status).toBe(200)
    await eventually(async () => (await jobsOf('learner/manual', made.body.id))['ask'].status === 'success')
    expect(await traceOf('learner/manual', ask.id)).toContain('played me')
  })
})

// Stops the GitLab that the others use, so it comes last.
describe('after a restart', () => {
  it('an interrupted job runs again', async () => {
    const directory = await fixture.workTree('restart', {
      '.gitlab-ci.yml': `wait: { script: ['test -e ${fixture.folder}/go || sleep 300'] }\n`,
    })
    await fixture.push(directory, 'learner/restart')
    await eventually(
      async () => (await fixture.api('GET', '/projects/learner%2Frestart/jobs')).body[0]?.status === 'running',
    )
    writeFileSync(`${fixture.folder}/go`, '')
    await fixture.restart()
    expect((await done('learner/restart')).status).toBe('success')
  })
})
