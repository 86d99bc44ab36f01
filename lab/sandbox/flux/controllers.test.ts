import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { ApiError } from '../core/errors.ts'
import { type KubeClient, KubeError, type ResourceId, type WriteOptions } from '../core/kube-client.ts'
import { Store } from '../core/store.ts'
import { createRegistry } from '../kubernetes/api/index.ts'
import { plainKinds } from '../kubernetes/api/testing.ts'
import type { Registry, Resource, Writer } from '../kubernetes/types.ts'
import { fluxImages } from './index.ts'
import {
  GIT_REPOSITORIES,
  IMAGE_POLICIES,
  IMAGE_REPOSITORIES,
  IMAGE_UPDATE_AUTOMATIONS,
  KUSTOMIZATIONS,
} from './runtime/resources.ts'
import { conditions, gitServer, observe, runProgram, type TestRepository, temporaryFolder } from './testing.ts'

const has = (command: string) => spawnSync(command, ['--help']).error === undefined

const [plain] = plainKinds.builtInResources as [Resource]
const resource = (id: ResourceId & { kind: string }, more: Partial<Resource> = {}): Resource => ({
  ...plain,
  namespaced: true,
  singular: id.kind.toLowerCase(),
  subresources: ['status'],
  hasGeneration: true,
  ...id,
  ...more,
})
const FLUX = [GIT_REPOSITORIES, KUSTOMIZATIONS, IMAGE_REPOSITORIES, IMAGE_POLICIES, IMAGE_UPDATE_AUTOMATIONS]
const EVENTS = { group: '', version: 'v1', plural: 'events', kind: 'Event' }
const CONFIG_MAPS = { group: '', version: 'v1', plural: 'configmaps' }
const SECRETS = { group: '', version: 'v1', plural: 'secrets' }

/** The client interface over a registry without HTTP. */
function clientOf(registry: Registry): KubeClient {
  const find = ({ group, plural, version }: ResourceId): Resource => {
    const found = registry.find(group, plural, version)
    if (!found) throw new KubeError(404, 'NotFound', 'the server could not find the requested resource')
    return found
  }
  const writer = ({ fieldManager = 'test', force, dryRun }: WriteOptions = {}): Writer => ({
    user: 'tester',
    groups: ['system:masters'],
    fieldManager,
    ...(force ? { force } : {}),
    ...(dryRun ? { dryRun } : {}),
  })
  const answer = async <T>(call: () => T): Promise<T> => {
    try {
      return structuredClone(call())
    } catch (error) {
      if (error instanceof ApiError)
        throw new KubeError(error.status, String(error.extra['reason'] ?? ''), error.message)
      throw error
    }
  }
  const within = (found: Resource, namespace: string | undefined) => (found.namespaced ? namespace : undefined)
  return {
    get: (id, name, namespace) => answer(() => registry.get(find(id), within(find(id), namespace), name)),
    list: (id, { namespace, labelSelector } = {}) =>
      answer(() => registry.list(find(id), namespace, labelSelector ? { labelSelector } : {})),
    create: (id, object, options) =>
      answer(() => registry.create(find(id), within(find(id), object.metadata.namespace), object, writer(options))),
    update: () => Promise.reject(new Error('Flux’s controllers patch, they never put')),
    patch: (id, name, namespace, type, body, options) =>
      answer(() => {
        const patch = { type, body: structuredClone(body) }
        const where = within(find(id), namespace)
        return registry.patch(find(id), where, name, patch, writer(options), options?.subresource).object
      }),
    delete: (id, name, namespace, options = {}) =>
      answer(() => void registry.remove(find(id), within(find(id), namespace), name, options, writer())),
    discover: async () => registry.resources(),
    watch(id, { namespace }, handler, signal) {
      // Kinds that are not installed are asked for again by the real client, for ever.
      if (!registry.find(id.group, id.plural)) return handler.onError?.(new Error('not found'))
      const stop = registry.watch(find(id), ({ type, object }) =>
        queueMicrotask(() => handler.onEvent({ type, object: structuredClone(object) })),
      )
      signal.addEventListener('abort', stop)
      queueMicrotask(() => handler.onSync?.(structuredClone(registry.list(find(id), namespace).items)))
    },
  }
}

const configMap = (name: string, data: Readonly<Record<string, string>>) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })

describe.skipIf(!has('git') || !has('kubectl'))('Flux’s controllers with git and kubectl’s kustomize', () => {
  const folder = temporaryFolder()
  const services = new Map<string, number>()
  const tags: string[] = ['1.0.0', '1.0.1', 'latest']
  const running: ReturnType<typeof runProgram>[] = []
  let kube: KubeClient
  let server: Awaited<ReturnType<typeof gitServer>>
  let config: TestRepository
  let cluster: ReturnType<typeof observe>

  beforeAll(async () => {
    const kinds = {
      ...plainKinds,
      builtInResources: [
        ...plainKinds.builtInResources,
        ...FLUX.map((id) => resource(id)),
        resource(EVENTS, { subresources: [], hasGeneration: false }),
      ],
    }
    const registry = createRegistry({ store: Store.inMemory(), clock: systemClock(), kinds })
    kube = clientOf(registry)
    cluster = observe(kube, 'demo')
    const namespaces = { group: '', version: 'v1', plural: 'namespaces' }
    await kube.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } })
    server = await gitServer(folder.path)
    config = await server.repository('config')
    const images = fluxImages({
      createRegistryClient: () => ({
        listTags: async () => [...tags],
        manifest: async () => ({ digest: 'sha256:0123' }),
      }),
    })
    for (const { entrypoint, programs } of images) {
      const [name = ''] = entrypoint
      const program = programs[name]
      if (program) running.push(runProgram(program, { name, kube, services }))
    }
  })

  afterAll(async () => {
    const codes = await Promise.all(running.map((program) => program.stop()))
    expect(codes).toEqual([0, 0, 0, 0])
    await server.close()
    folder.remove()
  })

  it('publish a branch, and apply a folder of it', async () => {
    const sha = await config.push('first', {
      'app/settings.yaml': configMap('settings', { color: 'red' }),
      'app/nested/more.yaml': configMap('more', { a: 'b' }),
      'other/cm.yaml': configMap('other', { a: 'b' }),
    })
    await cluster.create(GIT_REPOSITORIES, 'cfg', {
      interval: '1h',
      timeout: '60s',
      url: config.url,
      ref: { branch: 'main' },
    })
    const source = await cluster.ready(GIT_REPOSITORIES, 'cfg')
    const stored = `stored artifact for revision 'main@sha1:${sha}'`
    expect(conditions(source)).toEqual([
      `Ready=True Succeeded: ${stored}`,
      `ArtifactInStorage=True Succeeded: ${stored}`,
    ])
    expect(source['status'].artifact).toMatchObject({
      revision: `main@sha1:${sha}`,
      path: `gitrepository/demo/cfg/${sha}.tar.gz`,
      url: `http://source-controller.flux-system.svc.cluster.local./gitrepository/demo/cfg/${sha}.tar.gz`,
    })
    expect(await cluster.events('cfg')).toEqual(["Normal NewArtifact: stored artifact for commit 'first'"])

    const sourceRef = { kind: 'GitRepository', name: 'cfg' }
    await cluster.create(KUSTOMIZATIONS, 'app', {
      interval: '1h',
      prune: true,
      path: './app',
      targetNamespace: 'demo',
      sourceRef,
    })
    const app = await cluster.ready(KUSTOMIZATIONS, 'app')
    expect(conditions(app)).toEqual([`Ready=True ReconciliationSucceeded: Applied revision: main@sha1:${sha}`])
    expect(app['status'].inventory.entries).toEqual([
      { id: 'demo_more__ConfigMap', v: 'v1' },
      { id: 'demo_settings__ConfigMap', v: 'v1' },
    ])
    expect(app.metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
    const settings = await kube.get(CONFIG_MAPS, 'settings', 'demo')
    expect(settings.metadata.labels).toEqual({
      'kustomize.toolkit.fluxcd.io/name': 'app',
      'kustomize.toolkit.fluxcd.io/namespace': 'demo',
    })
    expect(settings.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['kustomize-controller', 'Apply'],
    ])
    await cluster.eventually(async () => (await cluster.events('app')).length === 2)
    expect((await cluster.events('app')).sort()).toEqual([
      'Normal Progressing: ConfigMap/demo/more created\nConfigMap/demo/settings created',
      'Normal ReconciliationSucceeded: Reconciliation finished, next run in 1h0m0s',
    ])
  })

  it('follow a commit, and prune what it removes', async () => {
    await config.push('turn it blue', {
      'app/settings.yaml': configMap('settings', { color: 'blue' }),
      'app/nested/more.yaml': undefined,
    })
    await cluster.sync(GIT_REPOSITORIES, 'cfg')
    await cluster.eventually(async () => (await kube.get(CONFIG_MAPS, 'settings', 'demo'))['data'].color === 'blue')
    await cluster.eventually(async () => {
      const { items } = await kube.list(CONFIG_MAPS, { namespace: 'demo' })
      return !items.some(({ metadata }) => metadata.name === 'more')
    })
    const app = await cluster.ready(KUSTOMIZATIONS, 'app')
    expect(app['status'].inventory.entries).toEqual([{ id: 'demo_settings__ConfigMap', v: 'v1' }])
    expect(app['status'].history).toHaveLength(2)
  })

  it('undo what kubectl changed, and leave what another program added', async () => {
    const change = (data: object, fieldManager: string) =>
      kube.patch(CONFIG_MAPS, 'settings', 'demo', 'merge', { data }, { fieldManager })
    await change({ color: 'green', size: 'big' }, 'kubectl-patch')
    await change({ shape: 'round' }, 'robot')
    await cluster.sync(KUSTOMIZATIONS, 'app')
    expect((await kube.get(CONFIG_MAPS, 'settings', 'demo'))['data']).toEqual({ color: 'blue', shape: 'round' })
  })

  it('do nothing while suspended, and then delete nothing', async () => {
    await cluster.patchSpec(KUSTOMIZATIONS, 'app', { suspend: true })
    await kube.delete(CONFIG_MAPS, 'settings', 'demo')
    const app = await cluster.sync(KUSTOMIZATIONS, 'app')
    expect(app['status'].observedGeneration).toBe(app.metadata.generation)
    await expect(kube.get(CONFIG_MAPS, 'settings', 'demo')).rejects.toThrow('not found')
    await cluster.patchSpec(KUSTOMIZATIONS, 'app', { suspend: false })
    await cluster.eventually(() => kube.get(CONFIG_MAPS, 'settings', 'demo'))
    await cluster.ready(KUSTOMIZATIONS, 'app')
    await cluster.patchSpec(KUSTOMIZATIONS, 'app', { suspend: true })
    await kube.delete(KUSTOMIZATIONS, 'app', 'demo')
    await cluster.eventually(() =>
      kube.get(KUSTOMIZATIONS, 'app', 'demo').then(
        () => false,
        () => true,
      ),
    )
    await kube.get(CONFIG_MAPS, 'settings', 'demo')
  })

  it('take their objects along when they are deleted', async () => {
    const sourceRef = { kind: 'GitRepository', name: 'cfg' }
    await cluster.create(KUSTOMIZATIONS, 'other', {
      interval: '1h',
      prune: true,
      path: 'other',
      targetNamespace: 'demo',
      sourceRef,
    })
    await cluster.ready(KUSTOMIZATIONS, 'other')
    await kube.delete(KUSTOMIZATIONS, 'other', 'demo')
    await cluster.eventually(() =>
      kube.get(CONFIG_MAPS, 'other', 'demo').then(
        () => false,
        () => true,
      ),
    )
    expect(await cluster.events('other')).toContain('Normal ReconciliationSucceeded: ConfigMap/demo/other deleted')
  })

  it('wait for what they depend on, and say so among the waits', async () => {
    const sourceRef = { kind: 'GitRepository', name: 'cfg' }
    const spec = { interval: '1h', prune: true, path: 'other', targetNamespace: 'demo', sourceRef }
    await cluster.create(KUSTOMIZATIONS, 'late', { ...spec, dependsOn: [{ name: 'early' }] })
    const late = await cluster.ready(KUSTOMIZATIONS, 'late', 'False', 'DependencyNotReady')
    expect(conditions(late)[0]).toContain("dependency 'demo/early' not found")
    expect(running.flatMap(({ clock }) => clock.pending())).toContainEqual(
      expect.objectContaining({
        actor: 'kustomize-controller',
        subject: 'Kustomization demo/late',
        action: 'check its dependencies again',
      }),
    )
    await cluster.create(KUSTOMIZATIONS, 'early', spec)
    await cluster.ready(KUSTOMIZATIONS, 'early')
    await cluster.sync(KUSTOMIZATIONS, 'late')
    await cluster.ready(KUSTOMIZATIONS, 'late')
  })

  it('say why a folder cannot be built or applied', async () => {
    await config.push('broken', {
      'broken/cm.yaml': 'kind: ConfigMap\n  name: [oops\n',
      'unknown/w.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n',
      'vars/cm.yaml': configMap('vars', { host: '$' + '{host}.example' }),
    })
    await cluster.sync(GIT_REPOSITORIES, 'cfg')
    const sourceRef = { kind: 'GitRepository', name: 'cfg' }
    const spec = { interval: '1h', prune: true, targetNamespace: 'demo', sourceRef }
    for (const name of ['broken', 'unknown', 'nopath', 'vars']) {
      const postBuild = name === 'vars' ? { postBuild: { substitute: { color: 'red' } } } : {}
      await cluster.create(KUSTOMIZATIONS, name, { ...spec, path: `./${name}`, ...postBuild })
    }
    const of = async (name: string) => conditions(await cluster.ready(KUSTOMIZATIONS, name, 'False')).join('\n')
    expect(await of('broken')).toMatch(
      /BuildFailed: failed to decode Kubernetes YAML from \/tmp\/kustomization-\d+\/broken\/cm.yaml: MalformedYAMLError: yaml: line 2/,
    )
    expect(await of('unknown')).toContain(
      'ReconciliationFailed: Widget/demo/w dry-run failed: no matches for kind "Widget" in version "example.com/v1"\n',
    )
    expect(await of('nopath')).toMatch(
      /Reconciling=True ProgressingWithRetry: Fetching manifests .*\nReady=False ArtifactFailed: kustomization path not found: stat \/tmp/,
    )
    expect(await of('vars')).toContain(
      `post build failed for 'ConfigMap.v1.[noGrp]/vars': envsubst error: variable substitution failed: variable not set (strict mode): "host"`,
    )
    await cluster.create(KUSTOMIZATIONS, 'refused', {
      ...spec,
      path: './app',
      kubeConfig: { secretRef: { name: 'x' } },
    })
    expect(await of('refused')).toContain('Stalled=True UnsupportedField: spec.kubeConfig is not supported')
  })

  it('say why a repository cannot be fetched', async () => {
    const secret = await server.repository('secret', 'letmein')
    await secret.push('first', { 'a.yaml': configMap('a', {}) })
    await server.repository('empty')
    const spec = { interval: '1h', ref: { branch: 'main' } }
    await cluster.create(GIT_REPOSITORIES, 'branch', { ...spec, url: config.url, ref: { branch: 'develop' } })
    await cluster.create(GIT_REPOSITORIES, 'closed', { ...spec, url: 'http://127.0.0.1:9/team/repo.git' })
    await cluster.create(GIT_REPOSITORIES, 'empty', { ...spec, url: `${server.base}/empty.git` })
    await cluster.create(GIT_REPOSITORIES, 'anon', { ...spec, url: secret.url })
    await cluster.create(GIT_REPOSITORIES, 'nosecret', { ...spec, url: secret.url, secretRef: { name: 'nothing' } })
    const of = async (name: string) => conditions(await cluster.ready(GIT_REPOSITORIES, name, 'False'))
    const failed = 'GitOperationFailed: failed to checkout and determine revision: unable to clone'
    expect(await of('branch')).toEqual([
      'Reconciling=True ProgressingWithRetry: building artifact',
      `Ready=False ${failed} '${config.url}': couldn't find remote ref "refs/heads/develop"`,
      `FetchFailed=True ${failed} '${config.url}': couldn't find remote ref "refs/heads/develop"`,
    ])
    expect((await of('closed'))[1]).toContain('dial tcp 127.0.0.1:9: connect: connection refused')
    expect((await of('empty'))[1]).toBe('Ready=False EmptyGitRepository: git repository is empty')
    expect((await of('anon'))[1]).toContain('authentication required: HTTP Basic: Access denied')
    expect((await of('nosecret'))[1]).toContain("AuthenticationFailed: failed to get secret 'demo/nothing'")
  })

  it('choose an image and commit it', async () => {
    const image = 'registry.lab.test/root/app'
    const line = (tag: string) => `newTag: ${tag} # {"$imagepolicy": "demo:app:tag"}\n`
    const images = await server.repository('images', 'letmein')
    await images.push('first', { 'workloads/kustomization.yaml': `images:\n- name: ${image}\n  ${line('1.0.0')}` })
    const data = (user: string) => ({
      username: Buffer.from(user).toString('base64'),
      password: Buffer.from('letmein').toString('base64'),
    })
    const metadata = { name: 'git', namespace: 'demo' }
    await kube.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, data: data('root') })
    const ref = { branch: 'main' }
    await cluster.create(GIT_REPOSITORIES, 'images', {
      interval: '1h',
      url: images.url,
      ref,
      secretRef: { name: 'git' },
    })
    await cluster.create(IMAGE_REPOSITORIES, 'app', { interval: '1h', image })
    await cluster.create(IMAGE_POLICIES, 'app', {
      imageRepositoryRef: { name: 'app' },
      policy: { semver: { range: '~1.0' } },
    })
    const repository = await cluster.ready(IMAGE_REPOSITORIES, 'app')
    expect(conditions(repository)[0]).toMatch(/^Ready=True Succeeded: successful scan: found 3 tags with checksum \d+$/)
    const policy = await cluster.ready(IMAGE_POLICIES, 'app')
    expect(policy['status'].latestRef).toEqual({ name: image, tag: '1.0.1' })
    const author = { name: 'fluxbot', email: 'bot@example.com' }
    const git = { checkout: { ref }, commit: { author }, push: { branch: 'main' } }
    const sourceRef = { kind: 'GitRepository', name: 'images' }
    const update = { strategy: 'Setters', path: './workloads' }
    await cluster.create(IMAGE_UPDATE_AUTOMATIONS, 'app', { interval: '1h', sourceRef, git, update })
    const automation = await cluster.ready(IMAGE_UPDATE_AUTOMATIONS, 'app')
    await images.git('pull', '-q', 'origin', 'main')
    const head = (await images.git('rev-parse', 'HEAD')).trim()
    expect(conditions(automation)).toEqual(['Ready=True Succeeded: repository up-to-date'])
    expect(automation['status']).toMatchObject({
      lastPushCommit: head,
      observedSourceRevision: `main@sha1:${head}`,
      observedPolicies: { app: { name: image, tag: '1.0.1' } },
    })
    expect((await images.git('log', '-1', '--format=%an <%ae> %cn %s')).trim()).toBe(
      'fluxbot <bot@example.com> fluxbot Update from image update automation',
    )
    expect(await images.git('show', 'HEAD:workloads/kustomization.yaml')).toContain(line('1.0.1'))

    tags.push('1.0.2')
    await cluster.sync(IMAGE_REPOSITORIES, 'app')
    await cluster.eventually(async () => {
      const { status } = await kube.get(IMAGE_UPDATE_AUTOMATIONS, 'app', 'demo')
      return status.lastPushCommit !== head
    })
    await images.git('pull', '-q', 'origin', 'main')
    expect(await images.git('show', 'HEAD:workloads/kustomization.yaml')).toContain(line('1.0.2'))
    expect(conditions(await cluster.ready(IMAGE_POLICIES, 'app'))).toEqual([
      `Ready=True Succeeded: Latest image tag for ${image} resolved to 1.0.2 (previously ${image}:1.0.1)`,
    ])

    await kube.patch(SECRETS, 'git', 'demo', 'merge', { data: data('reader') })
    tags.push('1.0.3')
    await cluster.sync(IMAGE_REPOSITORIES, 'app')
    const failed = await cluster.ready(IMAGE_UPDATE_AUTOMATIONS, 'app', 'False', 'GitOperationFailed')
    expect(conditions(failed)).toContain(
      'Ready=False GitOperationFailed: failed to update source: failed to push to remote: authorization failed: You are not allowed to push code to this project.',
    )
  })
})
