import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CONFIG_MAPS, EVENTS, SECRETS } from '../core/kube-objects.ts'
import { repoServer } from './repo-server/program.ts'
import { configMap, World } from './testing/world.ts'

const world = new World()
const until = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 8000, interval: 10 })
const refresh = (name: string, type = 'normal') =>
  world.patchApplication(name, { metadata: { annotations: { 'argocd.argoproj.io/refresh': type } } })
const sync = (name: string, options: object = {}) =>
  world.patchApplication(name, { operation: { initiatedBy: { username: 'me' }, sync: options } })
const untilStatus = (name: string, status: string) =>
  until(async () => {
    const app = await world.application(name)
    expect(app.status?.sync?.status).toBe(status)
    expect(app.operation).toBeUndefined()
    return app
  })

beforeAll(() => world.startAll())
afterAll(() => world.stop())

describe('an Application with manual sync', () => {
  it('is compared, synced and told of', async () => {
    const commit = await world.git.commit('manual', { 'app/a.json': configMap('a', { x: '1' }) })
    await world.createApplication('manual', 'manual')
    const before = await untilStatus('manual', 'OutOfSync')
    expect(before.status).toMatchObject({
      health: { status: 'Missing' },
      sourceType: 'Directory',
      sync: { revision: commit },
      resources: [{ version: 'v1', kind: 'ConfigMap', namespace: 'demo', name: 'a', status: 'OutOfSync' }],
    })
    await sync('manual')
    const after = await untilStatus('manual', 'Synced')
    expect(after.status?.operationState).toMatchObject({
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
      operation: { initiatedBy: { username: 'me' }, retry: {}, sync: {} },
      syncResult: {
        revision: commit,
        resources: [{ message: 'configmap/a created', status: 'Synced', hookPhase: 'Running' }],
      },
    })
    expect(after.status?.history).toMatchObject([{ id: 0, revision: commit }])
    const live = await world.configMap('a')
    expect(live.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/tracking-id': 'manual:/ConfigMap:demo/a' })
    const events = await world.kube.list(EVENTS, { namespace: 'argocd' })
    expect(events.items.map((event) => event['message'])).toContain(`Sync operation to ${commit} succeeded`)
  })

  it('adopts what is there, with a warning for what apply did not make', async () => {
    await world.git.commit('adopt', { 'app/b.json': configMap('b', { x: '1' }) })
    await world.kube.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'b', namespace: 'demo' },
      data: { x: '1', y: '2' },
    })
    await world.createApplication('adopt', 'adopt')
    expect((await untilStatus('adopt', 'OutOfSync')).status?.health?.status).toBe('Healthy')
    await sync('adopt')
    const app = await untilStatus('adopt', 'Synced')
    expect(app.status?.operationState?.syncResult?.resources?.[0]?.message).toMatch(
      /^configmap\/b configured\. Warning: resource configmaps\/b is missing the/,
    )
    expect((await world.configMap('b'))['data']).toEqual({ x: '1', y: '2' })
  })

  it('tells which manifests cannot be read, and recovers', async () => {
    await world.git.commit('broken', { 'other/b.json': '{}' })
    await world.createApplication('broken', 'broken')
    const app = await untilStatus('broken', 'Unknown')
    expect(app.status?.conditions?.[0]).toMatchObject({
      type: 'ComparisonError',
      message:
        'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = app: app path does not exist',
    })
    await world.git.commit('broken', { 'app/b.json': configMap('broken', {}) })
    await refresh('broken')
    expect((await untilStatus('broken', 'OutOfSync')).status?.conditions).toBeUndefined()
  })
})

describe('an Application with automated sync', () => {
  const automated = { syncPolicy: { automated: { prune: true, selfHeal: true } } }

  it('follows commits, heals drift and prunes', async () => {
    await world.git.commit('auto', {
      'app/one.json': configMap('one', { n: '1' }),
      'app/two.json': configMap('two', { n: '2' }),
    })
    await world.createApplication('auto', 'auto', automated)
    await untilStatus('auto', 'Synced')
    await world.kube.patch(CONFIG_MAPS, 'one', 'demo', 'merge', { data: { n: 'drift' } })
    await until(async () => expect((await world.configMap('one'))['data']).toEqual({ n: '1' }))
    const healed = await untilStatus('auto', 'Synced')
    expect(healed.status?.operationState?.operation).toMatchObject({
      initiatedBy: { automated: true },
      sync: { autoHealAttemptsCount: 1, resources: [{ kind: 'ConfigMap', name: 'one' }] },
    })
    expect(healed.status?.history).toHaveLength(1)
    const commit = await world.git.commit('auto', { 'app/one.json': configMap('one', { n: '3' }) })
    await refresh('auto')
    await until(async () =>
      expect(
        (await world.kube.list(CONFIG_MAPS, { namespace: 'demo' })).items.map((o) => o.metadata.name),
      ).not.toContain('two'),
    )
    const pruned = await untilStatus('auto', 'Synced')
    expect(pruned.status?.sync?.revision).toBe(commit)
    expect(pruned.status?.operationState?.syncResult?.resources?.map(({ name, message }) => [name, message])).toEqual([
      ['two', 'pruned'],
      ['one', 'configmap/one configured'],
    ])
    expect((await world.configMap('one'))['data']).toEqual({ n: '3' })
  })

  it('does not prune everything, and deletes what it made when it goes', async () => {
    await world.git.commit('empty', { 'app/gone.json': configMap('gone', {}) })
    await world.createApplication('empty', 'empty', automated)
    await untilStatus('empty', 'Synced')
    const commit = await world.git.commit('empty', { 'app/none.txt': '' })
    await refresh('empty')
    const app = await untilStatus('empty', 'OutOfSync')
    expect(app.status?.conditions?.[0]?.message).toBe(
      `Skipping sync attempt to [${commit}]: auto-sync will wipe out all resources`,
    )
    await world.patchApplication('empty', { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } })
    await world.kube.delete({ group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' }, 'empty', 'argocd')
    await until(() => expect(world.application('empty')).rejects.toThrow(/not found/))
    await expect(world.configMap('gone')).rejects.toThrow(/not found/)
  })
})

describe('repositories', () => {
  it('are read with the credentials of a labelled Secret', async () => {
    await world.git.commit('private-app', { 'app/p.json': configMap('p', {}) })
    await world.createApplication('secretive', 'private-app')
    const denied = await untilStatus('secretive', 'Unknown')
    expect(denied.status?.conditions?.[0]?.message).toMatch(/authentication required: HTTP Basic: Access denied\n$/)
    await world.kube.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'repo', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      data: Object.fromEntries(
        Object.entries({ url: `${world.git.url}/private-app`, username: 'dev', password: 'secret' }).map(
          ([key, value]) => [key, Buffer.from(value).toString('base64')],
        ),
      ),
    })
    await refresh('secretive')
    await untilStatus('secretive', 'OutOfSync')
  })

  it('are out of reach without argocd-repo-server', async () => {
    await world.git.commit('later', { 'app/l.json': configMap('later', {}) })
    await world.stopComponent('argocd-repo-server')
    await world.createApplication('later', 'later')
    const app = await untilStatus('later', 'Unknown')
    expect(app.status?.conditions?.[0]?.message).toBe(
      'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.96.0.7:8081: connect: connection refused"',
    )
    world.start('argocd-repo-server', repoServer)
    await until(async () => expect(world.ports.has('argocd-repo-server:8081')).toBe(true))
    await refresh('later')
    await untilStatus('later', 'OutOfSync')
  })
})

it('shows when it will compare again', async () => {
  const labels = world.clock.pending().map(({ subject, action }) => `${subject}: ${action}`)
  expect(labels).toContain('Application argocd/auto: compare with Git')
})

describe('the API', () => {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${world.ports.get('argocd-server:8080')}${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    })

  it('wants a login and answers in gRPC-style errors', async () => {
    const refused = await call('/api/v1/applications')
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { error: 'no session information', code: 16, message: 'no session information' },
    ])
    const secret = await world.kube.get(SECRETS, 'argocd-initial-admin-secret', 'argocd')
    const password = Buffer.from(secret['data'].password, 'base64').toString('utf8')
    const login = await call('/api/v1/session', {
      method: 'POST',
      body: JSON.stringify({ username: 'admin', password }),
    })
    const { token } = (await login.json()) as { token: string }
    const headers = { authorization: `Bearer ${token}` }
    const app = (await (await call('/api/v1/applications/auto', { headers })).json()) as {
      status: { resources: unknown[] }
    }
    expect(app.status.resources).toMatchObject([{ name: 'one', status: 'Synced' }])
    const missing = await call('/api/v1/applications/nope', { headers })
    expect([missing.status, ((await missing.json()) as { code: number }).code]).toEqual([403, 7])
    const items = (await (await call('/api/v1/applications/auto/managed-resources', { headers })).json()) as {
      items: { liveState: string }[]
    }
    expect(JSON.parse(items.items[0]?.liveState ?? '{}')).toMatchObject({ metadata: { name: 'one' } })
    const unsupported = await call('/api/v1/account', { headers })
    expect(unsupported.status).toBe(501)
  })

  it('refreshes the followers of a push', async () => {
    await world.git.commit('auto', { 'app/one.json': configMap('one', { n: '4' }) })
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      project: { web_url: `${world.git.url}/auto`, default_branch: 'main' },
      commits: [],
    })
    const response = await call('/api/webhook', { method: 'POST', body, headers: { 'x-gitlab-event': 'Push Hook' } })
    expect(response.status).toBe(200)
    await until(async () => expect((await world.configMap('one'))['data']).toEqual({ n: '4' }))
  })
})
