import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gitEnvironment } from '../../core/git.ts'
import { run } from '../../core/run.ts'
import { createFixture, type Fixture } from '../testing.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await createFixture()
  for (const [name, visibility] of [
    ['public', 'public'],
    ['private', 'private'],
  ]) {
    await fixture.api('POST', '/projects', { name, visibility })
    const directory = await fixture.workTree(name as string, { 'README.md': `# ${name}\n` })
    await fixture.push(directory, `learner/${name}`)
  }
})
afterAll(() => fixture.close())

/** Runs git and returns what it said, whatever became of it. */
const attempt = async (args: string[], options: { cwd?: string; password?: string; username?: string } = {}) => {
  const credentials =
    options.password === undefined ? undefined : { username: options.username ?? 'oauth2', password: options.password }
  const result = await run('git', args, { env: gitEnvironment(credentials), cwd: options.cwd ?? fixture.folder })
  return { code: result.code, said: result.stderr }
}

const clone = (name: string) => join(fixture.folder, 'clones', name)

describe('git over HTTP', () => {
  it('lets anybody clone a public project, with and without .git, by protocol v2', async () => {
    const target = join(fixture.folder, 'anonymous')
    expect(await attempt(['-c', 'protocol.version=2', 'clone', fixture.url('learner/public'), target])).toMatchObject({
      code: 0,
    })
    expect(readFileSync(join(target, 'README.md'), 'utf8')).toBe('# public\n')
    const bare = await attempt(['ls-remote', `${fixture.gitlab.url}/learner/public`])
    expect(bare).toMatchObject({
      code: 0,
      said: expect.stringContaining(`warning: redirecting to ${fixture.gitlab.url}/learner/public.git/`),
    })
  })

  it('asks for credentials for a private project and for one that is not there', async () => {
    for (const project of ['learner/private', 'learner/nope']) {
      const response = await fetch(`${fixture.url(project)}/info/refs?service=git-upload-pack`)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Basic realm="GitLab"')
      expect(await response.text()).toMatch(/^HTTP Basic: Access denied\./)
    }
    const { gitlab } = fixture
    expect(await attempt(['ls-remote', fixture.url('learner/private')], { password: gitlab.token })).toMatchObject({
      code: 0,
    })
    expect(await attempt(['ls-remote', fixture.url('learner/private')], { password: gitlab.writeToken })).toMatchObject(
      { code: 0 },
    )
    const missing = await attempt(['ls-remote', fixture.url('learner/nope')], { password: gitlab.token })
    expect(missing.said).toContain(
      "remote: The project you were looking for could not be found or you don't have permission to view it.",
    )
  })

  it('refuses a wrong token even where none is needed', async () => {
    const refused = await attempt(['ls-remote', fixture.url('learner/public')], { password: 'glpat-wrong' })
    // git asks the helper only after a 401; sent right away, the token is refused.
    expect(refused.code).toBe(0)
    const response = await fetch(`${fixture.url('learner/public')}/info/refs?service=git-upload-pack`, {
      headers: { Authorization: `Basic ${Buffer.from('oauth2:glpat-wrong').toString('base64')}` },
    })
    expect(response.status).toBe(401)
    const push = await attempt(['push', fixture.url('learner/public'), 'HEAD:main'], {
      cwd: clone('public'),
      password: 'glpat-wrong',
    })
    expect(push.said).toMatch(/remote: HTTP Basic: Access denied[\s\S]*Authentication failed/)
  })

  it('refuses to push with a token that may only read', async () => {
    const issue = (scopes: string[]) => fixture.api('POST', '/users/1/personal_access_tokens', { name: 'r', scopes })
    const { body } = await issue(['read_repository'])
    const refused = await attempt(['push', fixture.url('learner/public'), 'HEAD:main'], {
      cwd: clone('public'),
      password: body.token,
    })
    expect(refused.said).toContain('remote: You are not allowed to upload code.')
    expect(refused.said).toContain('The requested URL returned error: 403')
    const registry = await issue(['read_registry'])
    const read = await attempt(['ls-remote', fixture.url('learner/private')], { password: registry.body.token })
    expect(read.said).toContain('remote: You are not allowed to download code.')
  })

  it('lets a deploy token read its project and nothing else, under its own user name', async () => {
    const { body } = await fixture.api('POST', '/projects/learner%2Fprivate/deploy_tokens', {
      name: 'd',
      scopes: ['read_repository'],
    })
    const { token: password, username } = body
    expect(username).toBe('gitlab+deploy-token-1')
    const url = fixture.url('learner/private')
    expect(await attempt(['ls-remote', url], { password, username })).toMatchObject({ code: 0 })
    expect((await attempt(['ls-remote', url], { password, username: 'somebody' })).said).toContain(
      'Authentication failed',
    )
    const pushed = await attempt(['push', url, 'HEAD:other'], { cwd: clone('private'), password, username })
    expect(pushed.said).toContain('You are not allowed to upload code.')
  })

  it('makes a private project of the first push and says so', async () => {
    const directory = await fixture.workTree('fresh', { a: 'b' })
    const pushed = await attempt(['push', fixture.url('learner/fresh'), 'HEAD:refs/heads/trunk'], {
      cwd: directory,
      password: fixture.gitlab.writeToken,
    })
    expect(pushed).toMatchObject({
      code: 0,
      said: expect.stringContaining('remote: The private project learner/fresh was successfully created.'),
    })
    expect((await fixture.api('GET', '/projects/learner%2Ffresh')).body).toMatchObject({
      visibility: 'private',
      default_branch: 'trunk',
      empty_repo: false,
    })
    const again = await attempt(['push', fixture.url('learner/fresh'), 'HEAD:refs/heads/other'], {
      cwd: directory,
      password: fixture.gitlab.writeToken,
    })
    expect(again.said).not.toContain('successfully created')
    const foreign = await attempt(['push', fixture.url('somebody/fresh'), 'HEAD:main'], {
      cwd: directory,
      password: fixture.gitlab.token,
    })
    expect(foreign.said).toContain('The project you were looking for could not be found')
  })

  it('guards protected branches as GitLab does', async () => {
    const directory = await fixture.workTree('guarded', { a: '1' })
    await fixture.commit(directory, { a: '2' })
    const push = (...args: string[]) =>
      attempt(['push', ...args.slice(0, -1), fixture.url('learner/guarded'), args.at(-1) as string], {
        cwd: directory,
        password: fixture.gitlab.token,
      })
    expect(await push('HEAD:main')).toMatchObject({ code: 0 })
    expect(await push('HEAD:topic')).toMatchObject({ code: 0 })
    expect((await push('--force', 'HEAD~1:main')).said).toContain(
      'remote: GitLab: You are not allowed to force push code to a protected branch on this project.',
    )
    expect(await push('--force', 'HEAD~1:topic')).toMatchObject({ code: 0 })
    expect((await push('--delete', 'main')).said).toContain(
      'GitLab: The default branch of a project cannot be deleted.',
    )
    expect(await push('--delete', 'topic')).toMatchObject({ code: 0 })

    await fixture.api('POST', '/projects/learner%2Fguarded/protected_branches', {
      name: 'release/*',
      push_access_level: 0,
    })
    const refused = await push('HEAD:release/1')
    expect(refused.said).toContain('GitLab: You are not allowed to create protected branches on this project.')
    expect(refused.said).toContain('(pre-receive hook declined)')
    await fixture.api('PATCH', '/projects/learner%2Fguarded/protected_branches/main', { allow_force_push: true })
    expect(await push('--force', 'HEAD~1:main')).toMatchObject({ code: 0 })
  })

  it('takes a push that is too big for one request body', async () => {
    const directory = await fixture.workTree('big', { noise: randomBytes(3_000_000).toString('base64') })
    await fixture.push(directory, 'learner/big')
    expect((await fixture.api('GET', '/projects/learner%2Fbig')).body.default_branch).toBe('main')
  })

  it('takes a compressed request body', async () => {
    const flush = '0000'
    const line = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text
    const body = gzipSync(`${line('command=ls-refs\n')}0001${line('peel\n')}${flush}`)
    const response = await fetch(`${fixture.url('learner/public')}/git-upload-pack`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-git-upload-pack-request',
        'Content-Encoding': 'gzip',
        'Git-Protocol': 'version=2',
      },
      body: new Uint8Array(body),
    })
    expect(await response.text()).toContain('refs/heads/main')
  })

  it('keeps no note of a push that was refused, and writes no token anywhere', async () => {
    await fixture.gitlab.idle()
    const { stateDir } = fixture.options
    expect(
      (await run('find', [join(stateDir, 'pushes'), '-type', 'f'], { env: { PATH: process.env['PATH'] ?? '' } }))
        .stdout,
    ).toBe('')
    expect(existsSync(join(stateDir, 'builds', '1'))).toBe(false)
    expect(fixture.logged.join('\n')).not.toContain('glpat-')
  })

  it('answers nobody who comes by another name', async () => {
    const answer = await run(
      'curl',
      [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        '-H',
        'Host: evil.example',
        `${fixture.gitlab.url}/api/v4/version`,
      ],
      {
        env: { PATH: process.env['PATH'] ?? '' },
      },
    )
    expect(answer.stdout).toBe('421')
  })
})
