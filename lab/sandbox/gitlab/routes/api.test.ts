import { createServer } from 'node:http'
import { Gitlab } from '@gitbeaker/rest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeServer, listenOnLoopback, readBody } from '../../core/http.ts'
import { createFixture, eventually, type Fixture } from '../testing.ts'

const tags = [
  { name: '1.0.1', digest: 'sha256:0123456789abcdef', createdAt: '2026-11-23T10:00:00.000Z', size: 10 },
  { name: '1.0.2', digest: 'sha256:fedcba9876543210', createdAt: '2026-11-23T11:00:00.000Z', size: 20 },
]
let fixture: Fixture
let gitlab: InstanceType<typeof Gitlab>
beforeAll(async () => {
  fixture = await createFixture({
    registry: {
      repositories: (prefix) =>
        prefix === 'learner/beaker' ? [{ name: prefix, createdAt: '2026-11-23T10:00:00.000Z' }] : [],
      tags: () => tags,
      deleteTag: (_, tag) => tags.some(({ name }) => name === tag),
      deleteRepository: () => {},
    },
  })
  gitlab = new Gitlab({ host: fixture.gitlab.url, token: fixture.gitlab.token })
})
afterAll(() => fixture.close())

describe('the REST API, by gitbeaker', () => {
  it('does what the lab does with a project', async () => {
    expect(await gitlab.Users.showCurrentUser()).toMatchObject({
      id: 1,
      username: 'learner',
      email: 'learner@example.com',
    })
    const project = await gitlab.Projects.create({ name: 'beaker', visibility: 'public', initializeWithReadme: true })
    expect(project).toMatchObject({
      path_with_namespace: 'learner/beaker',
      default_branch: 'main',
      http_url_to_repo: `${fixture.gitlab.url}/learner/beaker.git`,
      container_registry_image_prefix: 'registry.lab.test/learner/beaker',
    })
    await gitlab.Commits.create('learner/beaker', 'main', 'Add files', [
      { action: 'create', filePath: 'src/app.js', content: 'one\n' },
      { action: 'create', filePath: '.gitlab-ci.yml', content: 'test: { script: [echo hello] }\n' },
    ])
    await gitlab.RepositoryFiles.edit('learner/beaker', 'src/app.js', 'main', 'two\n', 'Change a file')
    expect(await gitlab.RepositoryFiles.showRaw('learner/beaker', 'src/app.js', 'main')).toBe('two\n')
    const commits = await gitlab.Commits.all('learner/beaker')
    expect(commits.map(({ title }) => title)).toEqual(['Change a file', 'Add files', 'Initial commit'])
    expect(await gitlab.Branches.show('learner/beaker', 'main')).toMatchObject({ default: true, protected: true })
    const tree = await gitlab.Repositories.allRepositoryTrees('learner/beaker', { recursive: true })
    expect(tree.map(({ path }) => path)).toEqual(['.gitlab-ci.yml', 'README.md', 'src', 'src/app.js'])
    const compared = await gitlab.Repositories.compare('learner/beaker', 'main~1', 'main')
    expect(compared.diffs).toMatchObject([{ new_path: 'src/app.js', diff: '@@ -1 +1 @@\n-one\n+two\n' }])

    const pipeline = await eventually(
      async () => (await gitlab.Pipelines.all('learner/beaker', { sha: commits[0]?.id, status: 'success' }))[0],
    )
    expect(await gitlab.Pipelines.showLatest('learner/beaker', { ref: 'main' })).toMatchObject({
      id: pipeline.id,
      detailed_status: { label: 'passed' },
    })
    const [job] = await gitlab.Jobs.all('learner/beaker', { pipelineId: pipeline.id })
    expect(job).toMatchObject({ name: 'test', status: 'success', pipeline: { id: pipeline.id } })
    expect(await gitlab.Jobs.showLog('learner/beaker', job?.id as number)).toContain('hello\n')
    expect((await gitlab.Projects.all({ owned: true })).map(({ path }) => path)).toEqual(['beaker'])
  })

  it('shows what the registry has', async () => {
    const [repository] = await gitlab.ContainerRegistry.allRepositories({ projectId: 'learner/beaker' })
    expect(repository).toMatchObject({
      id: 1,
      name: '',
      path: 'learner/beaker',
      location: 'registry.lab.test/learner/beaker',
    })
    expect((await gitlab.ContainerRegistry.allTags('learner/beaker', 1)).map(({ name }) => name)).toEqual([
      '1.0.1',
      '1.0.2',
    ])
    expect(await gitlab.ContainerRegistry.showTag('learner/beaker', 1, '1.0.2')).toMatchObject({
      digest: 'sha256:fedcba9876543210',
      total_size: 20,
    })
  })

  it('deletes with delay, which frees the path, and brings back', async () => {
    const { id } = await gitlab.Projects.create({ name: 'gone' })
    await gitlab.Projects.remove(id)
    expect(await gitlab.Projects.show(id)).toMatchObject({
      path: `gone-deletion_scheduled-${id}`,
      marked_for_deletion_on: expect.any(String),
    })
    const next = await gitlab.Projects.create({ name: 'gone' })
    expect((await fixture.api('POST', `/projects/${id}/restore`)).status).toBe(400)
    await gitlab.Projects.remove(next.id)
    const path = `learner/gone-deletion_scheduled-${next.id}`
    expect(
      (await fixture.api('DELETE', `/projects/${next.id}?permanently_remove=true&full_path=learner/gone`)).status,
    ).toBe(400)
    expect((await fixture.api('DELETE', `/projects/${next.id}?permanently_remove=true&full_path=${path}`)).status).toBe(
      202,
    )
    expect((await fixture.api('GET', `/projects/${next.id}`)).status).toBe(404)
    expect((await fixture.api('POST', `/projects/${id}/restore`)).body).toMatchObject({
      path: 'gone',
      marked_for_deletion_on: null,
    })
  })

  it('pages through lists', async () => {
    const first = await fixture.api('GET', '/projects?per_page=1&order_by=id&sort=asc')
    expect(first.body).toHaveLength(1)
    expect(first.headers.get('x-total')).toBe('2')
    expect(first.headers.get('x-next-page')).toBe('2')
    expect(first.headers.get('link')).toContain('rel="next"')
  })
})

describe('errors of the REST API', () => {
  it('has GitLab’s bodies', async () => {
    const anonymous = {}
    expect(await fixture.api('POST', '/projects', { name: 'beaker' })).toMatchObject({
      status: 400,
      body: {
        message: {
          'project_namespace.name': ['has already been taken'],
          name: ['has already been taken'],
          path: ['has already been taken'],
        },
      },
    })
    expect(await fixture.api('GET', '/projects/learner%2Fnope')).toMatchObject({
      status: 404,
      body: { message: '404 Project Not Found' },
    })
    expect(await fixture.api('GET', '/user', undefined, anonymous)).toMatchObject({
      status: 401,
      body: { message: '401 Unauthorized' },
    })
    expect(await fixture.api('GET', '/projects/learner%2Fbeaker/jobs')).toMatchObject({ status: 200 })
    expect(await fixture.api('GET', '/projects/learner%2Fbeaker/jobs', undefined, anonymous)).toMatchObject({
      status: 401,
    })
    expect(await fixture.api('GET', '/nonsense')).toMatchObject({ status: 404, body: { error: '404 Not Found' } })
    expect(await fixture.api('POST', '/projects', {})).toMatchObject({
      status: 400,
      body: { error: 'name, path are missing, at least one parameter must be provided' },
    })
    expect(await fixture.api('POST', '/projects/learner%2Fbeaker/variables', {})).toMatchObject({
      body: { error: 'key is missing' },
    })
    await fixture.api('POST', '/projects', { name: 'empty' })
    expect(await fixture.api('GET', '/projects/learner%2Fempty/pipelines/latest')).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden' },
    })
    expect(await fixture.api('GET', '/projects/learner%2Fempty', undefined, anonymous)).toMatchObject({ status: 404 })
    expect(await fixture.api('GET', '/projects/learner%2Fbeaker', undefined, anonymous)).toMatchObject({ status: 200 })
  })

  it('keeps tokens to their scopes, and to their life', async () => {
    const issue = async (scopes: string[], expires_at?: string) =>
      (await fixture.api('POST', '/users/1/personal_access_tokens', { name: 't', scopes, expires_at })).body
    const using = (token: string) => ({ Authorization: `Bearer ${token}` })
    const writer = using(fixture.gitlab.writeToken)
    expect(await fixture.api('GET', '/projects', undefined, writer)).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope', scope: 'api read_api' },
    })
    expect(await fixture.api('GET', '/personal_access_tokens/self', undefined, writer)).toMatchObject({
      status: 200,
      body: { scopes: ['write_repository'], active: true },
    })
    const reader = await issue(['read_api'])
    expect((await fixture.api('GET', '/projects', undefined, using(reader.token))).status).toBe(200)
    expect((await fixture.api('POST', '/projects', { name: 'x' }, using(reader.token))).body).toMatchObject({
      scope: 'api',
    })
    const expired = await issue(['api'], '2020-01-01')
    expect((await fixture.api('GET', '/user', undefined, using(expired.token))).body).toMatchObject({
      error: 'invalid_token',
      error_description: expect.stringContaining('expired'),
    })
    await fixture.api('DELETE', `/personal_access_tokens/${reader.id}`)
    expect((await fixture.api('GET', '/user', undefined, using(reader.token))).body).toMatchObject({
      error_description: expect.stringContaining('revoked'),
    })
    expect(
      (await fixture.api('POST', '/users/1/personal_access_tokens', { name: 't', scopes: ['sudo!'] })).body,
    ).toEqual({ error: 'scopes does not have a valid value' })
  })

  it('lints a configuration', async () => {
    const lint = (content: string) => fixture.api('POST', '/projects/learner%2Fbeaker/ci/lint', { content })
    expect((await lint('test: { script: [echo] }')).body).toMatchObject({ valid: true, errors: [] })
    expect((await lint('test: { scirpt: [echo] }')).body).toMatchObject({
      valid: false,
      errors: expect.arrayContaining([expect.stringContaining('jobs:test')]),
    })
  })
})

describe('tokens for the registry', () => {
  const ask = async (scope: string, username?: string, password?: string) => {
    const headers: Record<string, string> = password
      ? { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
      : {}
    const response = await fetch(`${fixture.gitlab.url}/jwt/auth?service=container_registry&scope=${scope}`, {
      headers,
    })
    const body = (await response.json()) as { token?: string; errors?: unknown }
    return { status: response.status, ...(body.token ? JSON.parse(body.token) : body) }
  }

  it('grants what the caller may do and leaves out the rest', async () => {
    const { token, writeToken } = fixture.gitlab
    const both = 'repository:learner/beaker/sub:pull,push'
    expect(await ask(both, 'learner', token)).toEqual({
      status: 200,
      subject: 'learner',
      access: [{ type: 'repository', name: 'learner/beaker/sub', actions: ['pull', 'push'] }],
    })
    expect(await ask(both)).toMatchObject({ access: [{ actions: ['pull'] }] })
    expect(await ask(both, 'learner', writeToken)).toMatchObject({ status: 200, access: [] })
    expect(await ask('repository:learner/empty:pull')).toMatchObject({
      status: 403,
      errors: [{ code: 'DENIED', message: 'access forbidden' }],
    })
    expect(await ask('registry:catalog:*', 'learner', token)).toMatchObject({ access: [] })
    expect(await ask('repository:learner/nope:pull', 'learner', token)).toMatchObject({ access: [] })
    expect(await ask(both, 'learner', 'wrong')).toMatchObject({ status: 401, errors: [{ code: 'UNAUTHORIZED' }] })
    const { body } = await fixture.api('POST', '/projects/learner%2Fempty/deploy_tokens', {
      name: 'pull',
      scopes: ['read_registry'],
    })
    expect(await ask('repository:learner/empty:pull,push', body.username, body.token)).toMatchObject({
      access: [{ actions: ['pull'] }],
    })
  })
})

describe('webhooks', () => {
  it('tell of a push, with the token, and remember what was answered', async () => {
    const received: { headers: NodeJS.Dict<string | string[]>; body: Record<string, unknown> }[] = []
    const server = createServer(async (request, response) => {
      received.push({ headers: request.headers, body: JSON.parse((await readBody(request)).toString()) })
      response.end('thanks')
    })
    const port = await listenOnLoopback(server)
    try {
      await fixture.api('POST', '/projects', { name: 'hooked' })
      const hook = await gitlab.ProjectHooks.add('learner/hooked', `http://127.0.0.1:${port}/api/webhook`, {
        token: 'shared',
        pushEvents: true,
      })
      expect(hook).not.toHaveProperty('token')
      const directory = await fixture.workTree('hooked', { a: '1' })
      await fixture.push(directory, 'learner/hooked')
      const { headers, body } = await eventually(async () => received[0])
      expect(headers).toMatchObject({
        'x-gitlab-event': 'Push Hook',
        'x-gitlab-token': 'shared',
        'x-gitlab-instance': fixture.gitlab.url,
      })
      expect(body).toMatchObject({
        object_kind: 'push',
        ref: 'refs/heads/main',
        before: '0'.repeat(40),
        project: {
          path_with_namespace: 'learner/hooked',
          git_http_url: fixture.url('learner/hooked'),
          default_branch: 'main',
        },
        commits: [{ title: 'Begin', added: ['a'] }],
        total_commits_count: 1,
      })
      const [event] = await eventually(async () => {
        const answer = await fixture.api('GET', `/projects/learner%2Fhooked/hooks/${hook.id}/events`)
        return answer.body.length > 0 && answer.body
      })
      expect(event).toMatchObject({
        response_status: '200',
        response_body: 'thanks',
        request_headers: { 'X-Gitlab-Token': '[REDACTED]' },
      })
    } finally {
      await closeServer(server)
    }
    const failed = await fixture.api('POST', '/projects/learner%2Fhooked/hooks/1/test/push_events')
    expect(failed).toMatchObject({ status: 422, body: { message: expect.stringContaining('ECONNREFUSED') } })
  })
})
