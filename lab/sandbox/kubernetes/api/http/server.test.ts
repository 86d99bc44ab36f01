import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { createKubeClient } from '../../../core/kube-http.ts'
import { run } from '../../../core/run.ts'
import { Store } from '../../../core/store.ts'
import type { Connection, Connector } from '../../types.ts'
import { type ApiServer, createApiServer } from '../index.ts'

const has = (command: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const connections: Connection[] = []
const connector: Connector = {
  serve: async (connection, response) => {
    connections.push(connection)
    response.end('from the connector\n')
  },
  upgrade: async (connection, socket) => {
    connections.push(connection)
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n')
  },
}

let home: string
let server: ApiServer
let url: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'gitops-lab-api-'))
  server = createApiServer({ store: Store.inMemory(), clock: systemClock(), stateDir: home, connector, log: () => {} })
  url = await server.start()
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [
      {
        name: 'test',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(server.caCertificate).toString('base64') },
      },
    ],
    users: [{ name: 'test', user: { token: server.adminToken } }],
  }
  mkdirSync(join(home, 'user'))
  writeFileSync(join(home, 'user', 'kubeconfig'), JSON.stringify(kubeconfig), { mode: 0o600 })
})

afterAll(async () => {
  await server.stop()
  rmSync(home, { recursive: true, force: true })
})

type Options = { method?: string; body?: unknown; headers?: Record<string, string>; token?: string | null }

function open(path: string, { method = 'GET', body, headers = {}, token = server.adminToken }: Options = {}) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    const length: Record<string, string> = bytes ? { 'content-length': String(bytes.length) } : {}
    const all = { 'content-type': 'application/json', ...authorization, ...length, ...headers }
    const sent = request(
      new URL(path, url),
      { method, ca: server.caCertificate, servername: 'localhost', headers: all },
      resolve,
    )
    sent.on('error', reject)
    sent.end(bytes)
  })
}

async function call(path: string, options: Options = {}) {
  const response = await open(path, options)
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const isJson = String(response.headers['content-type']).includes('json')
  return { code: response.statusCode, body: isJson ? JSON.parse(text) : text, headers: response.headers }
}

/** Events of a watch until there are `count`. */
async function watched(path: string, count: number) {
  const events: { type: string; object: { metadata: { name: string; resourceVersion: string }; code?: number } }[] = []
  const response = await open(path)
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    events.push(...lines.map((line) => JSON.parse(line)))
    if (events.length >= count) break
  }
  response.destroy()
  return events
}

const core = (rest: string) => `/api/v1/namespaces/default/${rest}`
const configMap = (name: string, labels: object = {}) => ({ metadata: { name, labels }, data: { name } })

describe('who may come in', () => {
  it('keeps its keys to the owner', () => {
    const folder = join(home, 'pki')
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
    expect(new Set(modes)).toEqual(new Set([0o600]))
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('refuses unknown tokens, foreign hosts and strangers', async () => {
    expect(await call('/api/v1/namespaces', { token: 'wrong' })).toMatchObject({
      code: 401,
      body: { reason: 'Unauthorized' },
    })
    expect(await call('/version', { headers: { host: 'evil.example.com' } })).toMatchObject({ code: 403 })
    expect(await call('/api/v1/namespaces', { token: null })).toMatchObject({
      code: 403,
      body: { message: expect.stringContaining('User "system:anonymous" cannot list resource "namespaces"') },
    })
    expect(await call('/version', { token: null })).toMatchObject({ code: 200, body: { gitVersion: 'v1.36.2' } })
  })

  it('knows service accounts by their tokens until they are gone', async () => {
    await call(core('serviceaccounts'), { method: 'POST', body: { metadata: { name: 'robot' } } })
    const token = server.tokenFor('default', 'robot')
    const who = () => call('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: {}, token })
    expect((await who()).body.status.userInfo.username).toBe('system:serviceaccount:default:robot')
    await call(core('serviceaccounts/robot'), { method: 'DELETE' })
    expect((await who()).code).toBe(401)
    expect(() => server.tokenFor('default', 'robot')).toThrow('does not exist')
  })

  it('limits those who are impersonated to what roles grant them', async () => {
    const asJane = (path: string) => call(path, { headers: { 'impersonate-user': 'jane' } })
    expect((await asJane(core('configmaps'))).code).toBe(403)
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
    await call(rbac, { method: 'POST', body: { metadata: { name: 'jane' }, subjects, roleRef } })
    expect((await asJane(core('configmaps'))).code).toBe(200)
    expect((await asJane(core('secrets'))).code).toBe(403)
  })
})

describe('lists and watches', () => {
  it('pages through one state, whatever happens meanwhile', async () => {
    for (const name of ['p1', 'p2', 'p3'])
      await call(core('configmaps'), { method: 'POST', body: configMap(name, { set: 'p' }) })
    const query = 'labelSelector=set%3Dp&limit=2'
    const first = await call(core(`configmaps?${query}`))
    await call(core('configmaps/p3'), { method: 'DELETE' })
    await call(core('configmaps'), { method: 'POST', body: configMap('p4', { set: 'p' }) })
    const second = await call(core(`configmaps?${query}&continue=${first.body.metadata.continue}`))
    const names = [...first.body.items, ...second.body.items].map(({ metadata }) => metadata.name)
    expect(names).toEqual(['p1', 'p2', 'p3'])
    expect(second.body.metadata).toEqual({ resourceVersion: first.body.metadata.resourceVersion })
  })

  it('tells what has happened since a version, as the selector sees it', async () => {
    const { body } = await call(core('configmaps?labelSelector=set%3Dw'))
    await call(core('configmaps'), { method: 'POST', body: configMap('w1', { set: 'w' }) })
    const patch = { 'content-type': 'application/merge-patch+json' }
    const unlabel = { metadata: { labels: { set: 'other' } } }
    await call(core('configmaps/w1'), { method: 'PATCH', body: unlabel, headers: patch })
    const since = `labelSelector=set%3Dw&watch=1&resourceVersion=${body.metadata.resourceVersion}`
    const events = await watched(core(`configmaps?${since}`), 2)
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED'])
    expect(events[1]?.object).toMatchObject({ metadata: { name: 'w1', labels: { set: 'w' } } })
  })

  it('says when a version is too old, and ends a streamed list with a bookmark', async () => {
    const [expired] = await watched(core('configmaps?watch=1&resourceVersion=1'), 1)
    expect(expired).toMatchObject({ type: 'ERROR', object: { code: 410 } })
    const streamed = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const events = await watched(`/api/v1/namespaces?${streamed}`, 5)
    expect(events.at(-1)).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
  })

  it('serves the client of the controllers', async () => {
    const client = createKubeClient({ url, ca: server.caCertificate, token: server.adminToken, clock: systemClock() })
    const found = await client.discover()
    expect(found.find(({ plural }) => plural === 'deployments')).toMatchObject({ group: 'apps', kind: 'Deployment' })
    const configMaps = { group: '', version: 'v1', plural: 'configmaps' }
    const stop = new AbortController()
    const seen = new Promise((resolve) => {
      const onEvent = ({ type, object }: { type: string; object: { metadata: { name: string } } }) =>
        object.metadata.name === 'live' && resolve(type)
      const onSync = () =>
        void client.create(configMaps, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'live', namespace: 'default' },
        })
      client.watch(configMaps, { namespace: 'default' }, { onSync, onEvent }, stop.signal)
    })
    expect(await seen).toBe('ADDED')
    stop.abort()
  })
})

describe('connections', () => {
  it('are handed to the cluster', async () => {
    const answer = await call('/api/v1/namespaces/default/services/web:80/proxy/a/b?c=d')
    expect(answer.body).toBe('from the connector\n')
    expect(connections.at(-1)).toMatchObject({
      subresource: 'proxy',
      namespace: 'default',
      name: 'web:80',
      path: '/a/b',
    })
    expect(connections.at(-1)?.query.get('c')).toBe('d')
    const headers = { authorization: `Bearer ${server.adminToken}`, connection: 'Upgrade', upgrade: 'test' }
    const upgrade = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request(new URL(path, url), { ca: server.caCertificate, headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        sent.on('upgrade', (response, socket) => {
          socket.destroy()
          resolve(response.statusCode)
        })
        sent.on('error', reject)
        sent.end()
      })
    expect(await upgrade('/api/v1/namespaces/default/pods/p/exec?command=ls')).toBe(101)
    expect(connections.at(-1)).toMatchObject({ subresource: 'exec', name: 'p' })
    expect(await upgrade('/api/v1/namespaces/default/pods/p')).toBe(400)
  })
})

describe.skipIf(!has('kubectl'))('kubectl', () => {
  const kubectl = (args: string, input?: string) =>
    run('kubectl', args.split(' '), {
      env: { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: join(home, 'user', 'kubeconfig') },
      input,
    })
  const out = async (args: string, input?: string) => {
    const { code, stdout, stderr } = await kubectl(args, input)
    return code === 0 ? stdout.trim() : stderr.trim()
  }

  it('creates, applies and reads', async () => {
    expect(await out('create namespace shop')).toBe('namespace/shop created')
    await out('label namespace shop kubernetes.io/metadata.name=fake --overwrite')
    expect(await out('get namespace -l kubernetes.io/metadata.name=shop -o name')).toBe('namespace/shop')
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg, namespace: shop}\ndata: {a: "1"}\n'
    expect(await out('apply -f -', manifest)).toBe('configmap/cfg created')
    expect(await out('apply -f -', manifest)).toBe('configmap/cfg unchanged')
    expect(await out('-n shop get cm cfg --no-headers')).toMatch(/^cfg +1 +\d+s$/)
    expect(await out('-n shop patch cm cfg -p {"data":{"b":"2"}}')).toBe('configmap/cfg patched')
    expect(await out('apply --server-side --field-manager=other -f -', manifest.replace('"1"', '"9"'))).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a',
    )
    const overrides = JSON.stringify({ spec: { runtimeClassName: 'gvisor' } })
    expect(await out(`run p -n shop --image=x --overrides=${overrides}`)).toContain(
      'pods "p" is forbidden: pod rejected: RuntimeClass "gvisor" not found',
    )
    const labelled = await kubectl('label namespace shop pod-security.kubernetes.io/enforce=restricted')
    expect(labelled.stderr).toContain('Pod Security levels are not enforced by this API server')
    expect(await out('delete namespace shop')).toBe('namespace "shop" deleted')
  })

  it('defines kinds and uses them', async () => {
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    }
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gadgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd'] },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    }
    await out('apply -f -', JSON.stringify(definition))
    await out('wait crd/gadgets.example.com --for=condition=Established --timeout=10s')
    const gadget = (name: string, size: unknown) =>
      JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name }, spec: { size } })
    expect(await out('apply -f -', gadget('one', 1))).toBe('gadget.example.com/one created')
    expect(await out('apply -f -', gadget('one', 2))).toBe('gadget.example.com/one configured')
    expect(await out('get gd one -o jsonpath={.spec.size}')).toBe('2')
    const { stderr } = await kubectl('patch gd one --type merge -p {"metadata":{"finalizers":["hold"]}}')
    expect(stderr).toContain('Warning: metadata.finalizers: "hold": prefer a domain-qualified finalizer name')
    expect(await out('patch gd one --type merge -p {"metadata":{"finalizers":null}}')).toContain('patched')
    expect(await out('create -f -', gadget('two', 'x'))).toContain('spec.size in body must be of type integer')
    expect(await out('get gd -o name')).toBe('gadget.example.com/one')
  })
})
