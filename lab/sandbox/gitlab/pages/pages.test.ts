import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixture, eventually, type Fixture } from '../testing.ts'

const EVIL = '<script>alert(1)</script>"\'&'
const ESCAPED = '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;'

let fixture: Fixture
let cookie = ''
let form = ''

const open = (path: string, init: RequestInit = {}) => {
  const headers = { ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) }
  return fetch(`${fixture.gitlab.url}${path}`, { redirect: 'manual', ...init, headers })
}
const page = async (path: string) => (await open(path)).text()
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  open(path, { method: 'POST', body: new URLSearchParams(fields), headers })
const signIn = (password: string, headers: Record<string, string> = {}) =>
  send('/users/sign_in', { username: 'learner', password, return_to: '/projects/new' }, headers)

beforeAll(async () => {
  fixture = await createFixture({
    registry: {
      repositories: (prefix) => [{ name: prefix, createdAt: '2026-01-01T00:00:00.000Z' }],
      tags: () => [
        { name: '1.0.1', digest: `sha256:${'a'.repeat(64)}`, createdAt: '2026-01-01T00:00:00.000Z', size: 2048 },
      ],
      deleteTag: () => false,
      deleteRepository: () => {},
    },
  })
  await fixture.api('POST', '/projects', { name: 'open', visibility: 'public' })
  await fixture.api('POST', '/projects', { name: 'closed', visibility: 'private' })
})
afterAll(() => fixture.close())

describe('without signing in', () => {
  it('public projects can be read, and of private ones nothing can be learnt', async () => {
    const list = await page('/')
    expect(list).toContain('learner/open')
    expect(list).not.toContain('closed')
    expect((await open('/learner/open')).status).toBe(200)
    const hidden = await open('/learner/closed')
    expect([hidden.status, hidden.headers.get('location')]).toEqual([
      302,
      '/users/sign_in?return_to=%2Flearner%2Fclosed',
    ])
    expect((await open('/learner/nothing')).status).toBe(302)
    expect((await open('/learner/open.git')).headers.get('location')).toBe('/learner/open')
  })

  it('nothing can be made', async () => {
    const answer = await send('/projects', { name: 'x' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/users/sign_in'])
    expect((await fixture.api('GET', '/projects?search=x')).body).toEqual([])
  })

  it('pages run no script but their own, and load nothing', async () => {
    const { headers } = await open('/')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/default-src 'none'; style-src 'nonce-[^']+'; script-src 'nonce-[^']+'/)
    expect(policy).toContain("frame-ancestors 'none'")
  })
})

describe('signing in', () => {
  it('wants a token that may read projects', async () => {
    expect(await (await signIn('nonsense')).text()).toContain('Invalid username or token.')
    expect(await (await signIn(fixture.gitlab.writeToken)).text()).toContain('use one with the scope api')
    expect((await signIn(fixture.gitlab.token, { origin: 'http://127.0.0.1:1' })).status).toBe(403)
  })

  it('gives a cookie that scripts cannot read and that does not hold the token', async () => {
    const answer = await signIn(fixture.gitlab.token)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/projects/new'])
    const set = answer.headers.get('set-cookie') ?? ''
    expect(set).toMatch(/^_gitlab_session=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/)
    cookie = set.split(';')[0] as string
    expect(cookie).not.toContain(fixture.gitlab.token)
    form = /name="authenticity_token" value="([^"]+)"/.exec(await page('/projects/new'))?.[1] as string
    expect(await page('/')).toContain('learner/closed')
    expect((await open('/learner/nothing')).status).toBe(404)
  })

  it('leads to no other server', async () => {
    for (const return_to of ['//evil.test', 'http://evil.test', '/\\evil.test', '/.//evil.test']) {
      const answer = await send('/users/sign_in', { username: 'learner', password: fixture.gitlab.token, return_to })
      expect([return_to, answer.headers.get('location')]).toEqual([return_to, '/'])
    }
  })
})

describe('a project made on the page', () => {
  it('wants a form of the same session', async () => {
    for (const authenticity_token of ['', 'x'.repeat(43)]) {
      expect((await send('/projects', { name: 'forged', authenticity_token })).status).toBe(422)
    }
    expect((await send('/projects', { name: 'forged', authenticity_token: form }, { origin: 'null' })).status).toBe(403)
    expect((await fixture.api('GET', '/projects?search=forged')).body).toEqual([])
  })

  it('is the one that the API knows, and a name that is taken is refused', async () => {
    const fields = { name: 'Made here', visibility: 'public', authenticity_token: form }
    const answer = await send('/projects', fields)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/learner/made-here'])
    expect((await fixture.api('GET', '/projects/learner%2Fmade-here')).body).toMatchObject({ visibility: 'public' })
    const again = await send('/projects', fields)
    expect([again.status, await again.text()]).toEqual([422, expect.stringContaining('has already been taken')])
  })
})

describe('a repository', () => {
  let sha = ''
  beforeAll(async () => {
    const folder = await fixture.workTree('open', {
      'README.md': EVIL,
      'src/a <b>.txt': `one\n${EVIL}\n`,
      'bin.dat': 'a\0b',
    })
    sha = await fixture.commit(folder, { 'src/a <b>.txt': `two\n${EVIL}\n` }, `${EVIL}\n\nBody ${EVIL}`)
    await fixture.push(folder, 'learner/open')
    await fixture.push(folder, 'learner/open', 'HEAD:refs/heads/feature/deep')
  })

  it('shows what others wrote as text', async () => {
    for (const path of [
      '/learner/open',
      '/learner/open/-/tree/main/src',
      '/learner/open/-/blob/main/src/a%20%3Cb%3E.txt',
      '/learner/open/-/commits/main',
      `/learner/open/-/commit/${sha}`,
    ]) {
      const html = await page(path)
      expect(html, path).toContain(ESCAPED)
      expect(html, path).not.toContain('<script>alert')
    }
    const raw = await open('/learner/open/-/raw/main/README.md')
    expect([raw.headers.get('content-type'), raw.headers.get('x-content-type-options')]).toEqual([
      'text/plain; charset=utf-8',
      'nosniff',
    ])
  })

  it('tells branches with slashes from paths, and links what is no text', async () => {
    expect(await page('/learner/open/-/blob/feature/deep/README.md')).toContain(ESCAPED)
    expect(await page('/learner/open/-/blob/main/bin.dat')).toContain('This file is not text')
    expect((await open('/learner/open/-/tree/none')).status).toBe(404)
    expect((await open('/learner/open/-/blob/main/none')).status).toBe(404)
  })

  it('says what is not shown: the rest of a long list, a README that is no text', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`many/${at}.txt`, '']))
    const folder = await fixture.workTree('long', { ...many, 'README.md': 'a\0b' })
    await fixture.api('POST', '/projects', { name: 'long', visibility: 'public' })
    await fixture.push(folder, 'learner/long')
    expect(await page('/learner/long/-/tree/main/many')).toContain('Shown are 100 of 101 files and folders.')
    expect(await page('/learner/long')).toMatch(/not text\. <a href="\/learner\/long\/-\/raw\/main\/README\.md"/)
  })

  it('shows what a commit changed', async () => {
    const html = await page(`/learner/open/-/commit/${sha}`)
    expect(html).toContain('<span class="del">-one</span><span class="add">+two</span>')
    expect(html).toContain('1 changed file, +1 −1')
  })

  it('shows the tags of its images', async () => {
    expect(await page('/learner/open/container_registry')).toContain('1 tag')
    const id = (await fixture.api('GET', '/projects/learner%2Fopen/registry/repositories')).body[0].id
    const html = await page(`/learner/open/container_registry/${id}`)
    expect(html).toContain('registry.lab.test/learner/open:1.0.1')
    expect(html).toContain('2.0 KiB')
  })
})

describe('a job', () => {
  it('can be followed while it writes its log, and retried', async () => {
    const gate = join(fixture.folder, 'gate')
    const script = ['echo "<b>$CI_JOB_NAME</b>"', `until [ -e ${gate} ]; do sleep 0.05; done`, 'echo "the end"']
    const config = JSON.stringify({ build: { script }, release: { stage: 'deploy', when: 'manual', script: 'true' } })
    const folder = await fixture.workTree('jobs', { '.gitlab-ci.yml': config })
    await fixture.api('POST', '/projects', { name: 'jobs', visibility: 'public' })
    await fixture.push(folder, 'learner/jobs')
    const jobs = await eventually(async () => {
      const { body } = await fixture.api('GET', '/projects/learner%2Fjobs/jobs')
      return body.length === 2 && body
    })
    const [release, job] = jobs.map(({ id }: { id: number }) => id)
    const self = `/learner/jobs/-/jobs/${job}`
    expect(await page('/learner/jobs/-/pipelines')).toContain('data-every')

    const stream = (await open(`${self}/trace?from=0`)).body?.pipeThrough(new TextDecoderStream())
    const reader = (stream as ReadableStream<string>).getReader()
    const later = open(`/learner/jobs/-/jobs/${release}/trace?from=0`)
    let log = ''
    const readUntil = async (part: string) => {
      while (!log.includes(part)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`the log ended: ${log}`)
        log += value
      }
    }
    await readUntil('&lt;b&gt;build&lt;/b&gt;')
    expect(existsSync(gate)).toBe(false)
    writeFileSync(gate, '')
    await readUntil('<span class="b c32">Job succeeded</span>')
    expect((await reader.read()).done).toBe(true)
    expect(await (await later).text(), 'of a job that now waits to be started').toBe('')

    const html = await page(self)
    expect(html).toContain('the end')
    expect(html).not.toMatch(/section_start|\x1b|data-follow/)
    const retried = await send(`${self}/retry`, { authenticity_token: form })
    expect([retried.status, retried.headers.get('location')]).toEqual([303, `/learner/jobs/-/jobs/${job + 2}`])
    const refused = await send(`/learner/jobs/-/jobs/${job}/retry`, { authenticity_token: form })
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('Job is not retryable')])
    await fixture.gitlab.idle()
  })
})

describe('signing out', () => {
  it('ends the session', async () => {
    expect((await send('/users/sign_out', { authenticity_token: form })).status).toBe(303)
    expect(await page('/')).not.toContain('learner/closed')
  })
})
