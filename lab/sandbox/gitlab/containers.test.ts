import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { Store } from '../core/store.ts'
import { createDockerDaemon } from '../docker/index.ts'
import { createRegistry } from '../registry/index.ts'
import { createFixture, eventually } from './testing.ts'

const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

it('a push becomes an image in the registry', async () => {
  const realm = { url: '' }
  const folder = mkdtempSync(join(tmpdir(), 'gitops-lab-containers-'))
  closing.push(async () => rmSync(folder, { recursive: true, force: true }))
  const registry = await createRegistry({
    store: Store.inMemory(),
    stateDir: join(folder, 'registry'),
    clock: systemClock(),
    realm: () => `${realm.url}/jwt/auth`,
    log: () => {},
  })
  closing.push(() => registry.stop())
  const docker = createDockerDaemon({
    directory: join(folder, 'docker'),
    fetch: (url, init) => fetch(url.replace(/^https?:\/\/registry\.lab\.test/, `http://${registry.host}`), init),
    nodeVersion: process.version,
    clock: systemClock(),
    log: () => {},
  })
  closing.push(() => docker.stop())
  const fixture = await createFixture({
    registry,
    issueRegistryToken: registry.issueRegistryToken,
    jobTools: docker.toolsFor,
  })
  closing.push(() => fixture.close())
  realm.url = fixture.gitlab.url

  const directory = await fixture.workTree('app', {
    'server.js': 'console.log("hello")\n',
    Dockerfile: 'FROM node:22-alpine\nWORKDIR /app\nCOPY server.js .\nCMD ["node", "server.js"]\n',
    '.gitlab-ci.yml': `
containerize:
  image: docker:28
  services: [docker:28-dind]
  script:
    - echo "$CI_REGISTRY_PASSWORD" | docker login "$CI_REGISTRY" --username "$CI_REGISTRY_USER" --password-stdin
    - docker build --tag "$CI_REGISTRY_IMAGE:1.0.$CI_PIPELINE_IID" .
    - docker push "$CI_REGISTRY_IMAGE:1.0.$CI_PIPELINE_IID"
`,
  })
  await fixture.push(directory, 'learner/app')
  const job = await eventually(async () => {
    const [found] = (await fixture.api('GET', '/projects/learner%2Fapp/jobs')).body
    return ['success', 'failed'].includes(found?.status) && found
  })
  const trace = (await fixture.api('GET', `/projects/learner%2Fapp/jobs/${job.id}/trace`)).body
  expect(job.status, trace).toBe('success')
  const [repository] = (await fixture.api('GET', '/projects/learner%2Fapp/registry/repositories?tags=true')).body
  expect(repository).toMatchObject({
    path: 'learner/app',
    tags: [{ name: '1.0.1', location: 'registry.lab.test/learner/app:1.0.1' }],
  })
})
