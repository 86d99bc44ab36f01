import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { git } from '../core/git.ts'
import type { KubeObject } from '../core/kube-client.ts'
import type { ProgramContext } from '../core/program.ts'
import { Store } from '../core/store.ts'
import {
  createRegistry,
  createRegistryClient,
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  digestOf,
  type Registry,
} from '../registry/index.ts'
import { imageUpdaterProgram } from './program.ts'
import type { Condition, Status } from './status.ts'
import { FakeKube } from './testing/fake-kube.ts'

let directory: string
let registry: Registry
let kube: FakeKube
let clock: ManualClock
let lines: string[]
let stop: AbortController
let ended: Promise<number>
let files: Map<string, string>

const registryName = 'registry.lab.test'
/** Adds a token for everything, which GitLab would have given. */
const inside = (url: string, init: RequestInit = {}) => {
  const name = /\/v2\/(.+?)\/(?:tags|manifests|blobs)\//.exec(url)?.[1] ?? ''
  const token = registry.issueRegistryToken([{ type: 'repository', name, actions: ['*'] }], 'learner')
  const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${token}` }
  return fetch(url.replace(`//${registryName}`, `//${registry.host}`), { ...init, headers })
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gitops-lab-updater-'))
  mkdirSync(join(directory, 'scratch'))
  kube = new FakeKube()
  clock = new ManualClock()
  lines = []
  files = new Map()
  registry = await createRegistry({
    store: Store.inMemory(),
    stateDir: join(directory, 'registry'),
    clock,
    realm: () => '',
    log: () => {},
  })
})

afterEach(async () => {
  stop?.abort()
  await ended
  await registry.stop()
  rmSync(directory, { recursive: true, force: true })
})

function start(env: Record<string, string> = {}): void {
  stop = new AbortController()
  const context: ProgramContext = {
    argv: ['/manager', 'run'],
    env: new Map(Object.entries(env)),
    pod: { name: 'updater', namespace: 'argocd', uid: 'u' },
    signal: stop.signal,
    clock,
    kube,
    names: { resolve: async () => undefined, fetch: inside },
    kubectl: 'kubectl',
    scratch: join(directory, 'scratch'),
    log: (line) => lines.push(line),
    listen: async () => {},
    readFile: (path) => files.get(path),
  }
  // A file URL has no host, so that the test needs no git server.
  ended = imageUpdaterProgram({ plainHosts: [''], registryClient: createRegistryClient })(context)
}

async function pushImage(repository: string, tag: string, created = '2026-01-01T00:00:00Z'): Promise<string> {
  const client = createRegistryClient({ fetch: inside })
  const reference = `${registryName}/${repository}:${tag}`
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', created, rootfs: { type: 'layers', diff_ids: [] } }),
  )
  await client.pushBlob(reference, digestOf(config), config)
  const manifest = {
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: { mediaType: DOCKER_CONFIG, digest: digestOf(config), size: config.length },
    layers: [],
  }
  return (await client.pushManifest(reference, DOCKER_MANIFEST, Buffer.from(JSON.stringify(manifest)))).digest
}

const origin = () => `file://${join(directory, 'cfg.git')}`
const identity = {
  GIT_AUTHOR_NAME: 'dev',
  GIT_AUTHOR_EMAIL: 'd@x',
  GIT_COMMITTER_NAME: 'dev',
  GIT_COMMITTER_EMAIL: 'd@x',
}

async function newRepository(kustomization: string): Promise<void> {
  await git(['init', '-q', '--bare', join(directory, 'cfg.git')])
  const clone = join(directory, 'cfg')
  await git(['clone', '-q', origin(), clone])
  mkdirSync(join(clone, 'web'))
  writeFileSync(join(clone, 'web/kustomization.yaml'), kustomization)
  await git(['add', '-A'], { cwd: clone })
  await git(['commit', '-q', '-m', 'first'], { cwd: clone, env: identity })
  await git(['push', '-q', 'origin', 'HEAD:main'], { cwd: clone })
}

const lastCommit = () => git(['log', '-1', '--format=%an <%ae>%n%B', 'main'], { cwd: join(directory, 'cfg.git') })
const fileInGit = (path: string) => git(['show', `main:${path}`], { cwd: join(directory, 'cfg.git') })
const commits = async () =>
  (await git(['log', '--format=%h', 'main'], { cwd: join(directory, 'cfg.git') })).trim().split('\n').length

function application(
  name: string,
  images: string[],
  more: { sourceType?: string; annotations?: Record<string, string>; labels?: Record<string, string> } = {},
): void {
  kube.put('applications', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', uid: name, annotations: more.annotations, labels: more.labels },
    spec: { project: 'default', source: { repoURL: origin(), path: 'web', targetRevision: 'main' } },
    status: { sourceType: more.sourceType ?? 'Kustomize', summary: { images } },
  })
}

async function updater(spec: object, name = 'web'): Promise<Status> {
  const old = kube.find('imageupdaters', name)
  kube.put('imageupdaters', {
    ...old,
    apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
    kind: 'ImageUpdater',
    metadata: { ...old?.metadata, name, namespace: 'argocd' },
    spec,
  } as KubeObject)
  return idle(name)
}

const idle = (name = 'web') =>
  vi.waitFor(() => {
    const object = kube.find('imageupdaters', name) as KubeObject
    const status = object['status'] as Status
    expect(status?.observedGeneration).toBe(object.metadata.generation)
    expect(status.conditions?.[0]?.status).toBe('False')
    return status
  }, 10_000)

const shown = ({ applicationsMatched, imagesManaged, recentUpdates, conditions }: Status) => [
  `${applicationsMatched} applications, ${imagesManaged} images`,
  (recentUpdates as { alias: string; newVersion: string }[] | undefined)
    ?.map(({ alias, newVersion }) => `${alias} ${newVersion}`)
    .join(', ') ?? '',
  ...(conditions as Condition[])
    .slice(1)
    .map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`),
]

const web = `${registryName}/learner/web`
const succeeded = (applications: number, images: number) => [
  'Error=False NoErrors: No errors during last reconciliation.',
  `Ready=True ReconcileSucceeded: Reconciled ${applications} applications, ${images} images updated.`,
]
const partial = (applications: number, errors: number, images: number) => [
  `Error=True PartialErrors: ${errors} error(s) occurred during image update checks.`,
  `Ready=True ReconcileCompletedWithErrors: Reconciled ${applications} applications with ${errors} errors, ${images} images updated.`,
]
const secret = (name: string, data: Record<string, string>, labels?: Record<string, string>) =>
  kube.put('secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'argocd', labels },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  })
const gitBack = { method: 'git:secret:argocd/creds', gitConfig: { branch: 'main', writeBackTarget: 'kustomization' } }

describe('git write-back', () => {
  beforeEach(async () => {
    for (const tag of ['1.0.0', '1.0.1', '1.1.0']) await pushImage('learner/web', tag)
    secret('creds', { username: 'learner', password: 'x' })
  })

  it('commits the one line, tells of it, and looks again after two minutes', async () => {
    await newRepository(
      `resources:\n  - deploy.yaml\nimages:\n  - name: ${web}\n    newTag: 1.0.0 # {"$imagepolicy": "x"}\n`,
    )
    application('web', [`${web}:1.0.0`])
    start()
    const spec = {
      writeBackConfig: gitBack,
      applicationRefs: [{ namePattern: 'web', images: [{ alias: 'app', imageName: `${web}:~1.0` }] }],
    }
    const status = await updater(spec)
    expect(shown(status)).toEqual(['1 applications, 1 images', 'app 1.0.1', ...succeeded(1, 1)])
    expect(status.recentUpdates).toMatchObject([
      { image: web, applicationsUpdated: 1, message: 'Updated from 1.0.0 to 1.0.1.' },
    ])
    expect(await lastCommit()).toBe(
      "argocd-image-updater <noreply@argoproj.io>\nbuild: automatic update of web\n\nupdates image learner/web tag '1.0.0' to '1.0.1'\n\n",
    )
    expect(await fileInGit('web/kustomization.yaml')).toBe(
      `resources:\n  - deploy.yaml\nimages:\n  - name: ${web}\n    newTag: 1.0.1\n`,
    )
    expect(kube.find('imageupdaters', 'web')?.metadata.finalizers).toEqual([
      'resources-finalizer.argocd-image-updater.argoproj.io',
    ])
    expect(kube.all('events')).toMatchObject([
      {
        reason: 'ImagesUpdated',
        message: "Successfully updated application 'web'",
        metadata: {
          annotations: {
            'argocd-image-updater.image-0/full-image-name': web,
            'argocd-image-updater.image-0/image-name': 'learner/web',
            'argocd-image-updater.image-0/old-tag': '1.0.0',
            'argocd-image-updater.image-0/new-tag': '1.0.1',
          },
        },
      },
    ])

    // Argo CD knows nothing yet: counted again, committed never.
    expect(clock.pending()).toMatchObject([
      { actor: 'Argo CD Image Updater', subject: 'ImageUpdater argocd/web', action: 'look for new tags' },
    ])
    const cycles = () => lines.filter((line) => line.includes('Processing results')).length
    await clock.advance(120_000)
    await vi.waitFor(() => expect([cycles(), clock.pending().length]).toEqual([2, 1]))
    expect([shown(await idle())[3], await commits()]).toEqual([
      'Ready=True ReconcileSucceeded: Reconciled 1 applications, 1 images updated.',
      2,
    ])

    application('web', [`${web}:1.0.1`])
    const later = await updater({ ...spec, commonUpdateSettings: { ignoreTags: ['x'] } })
    expect(shown(later)).toEqual(['1 applications, 1 images', 'app 1.0.1', ...succeeded(1, 0)])
    expect(lines.join('\n')).not.toContain('password')
  })

  it('writes .argocd-source files with the credentials of Argo CD, and a message of its own', async () => {
    await newRepository('resources: [a.yaml]\n')
    await pushImage('learner/side', '0.5.0')
    application('web', [`${web}:1.0.0`, `${registryName}/learner/side:0.5.0`])
    files.set('/app/config/commit.template', '{{ .AppName }}:{{ range .AppChanges }} {{ .NewTag }}{{ end }}')
    start({ GIT_COMMIT_USER: 'bot', GIT_COMMIT_EMAIL: 'bot@x' })
    const images = [
      { alias: 'app', imageName: `${web}:~1.0` },
      { alias: 'side', imageName: `${registryName}/learner/side` },
    ]
    const spec = { writeBackConfig: { method: 'git' }, applicationRefs: [{ namePattern: 'web', images }] }
    expect(shown(await updater(spec))).toEqual(['1 applications, 2 images', '', ...partial(1, 1, 0)])
    expect(lines.join('\n')).toContain(`credentials for '${origin()}' are not configured in Argo CD settings`)
    secret('repo', { url: origin(), username: 'u', password: 'p' }, { 'argocd.argoproj.io/secret-type': 'repository' })
    await updater({ ...spec, commonUpdateSettings: {} })
    expect(await fileInGit('web/.argocd-source-web.yaml')).toBe(
      `kustomize:\n  images:\n  - ${web}:1.0.1\n  - ${registryName}/learner/side:0.5.0\n`,
    )
    expect(await lastCommit()).toBe('bot <bot@x>\nweb: 1.0.1\n\n')
  })

  it.each<[string, object, string[], string]>([
    ['a missing secret', { method: 'git:secret:argocd/none' }, partial(1, 1, 0), 'secrets \\"none\\" not found'],
    [
      'a secret without a user',
      { method: 'git:secret:argocd/empty' },
      partial(1, 1, 0),
      'invalid repository credentials in secret argocd/empty: does not contain githubAppID or username',
    ],
    [
      'a secret of another namespace',
      { method: 'git:secret:default/creds' },
      partial(1, 1, 0),
      "secret namespace 'default' differs from app namespace 'argocd'",
    ],
    [
      'something that is no secret',
      { method: 'git:creds' },
      succeeded(0, 0),
      'Could not create write-back config, skipping: ',
    ],
    [
      'a missing branch',
      { ...gitBack, gitConfig: { branch: 'nope' } },
      partial(1, 1, 0),
      "`git fetch origin nope --force --prune --depth 1` failed exit status 128: fatal: couldn't find remote ref nope",
    ],
    [
      'a missing folder',
      { ...gitBack, gitConfig: { writeBackTarget: 'kustomization:nope' } },
      partial(1, 1, 0),
      'Could not update application spec: could not find kustomization in ',
    ],
    [
      'a file as target',
      { ...gitBack, gitConfig: { writeBackTarget: 'web/kustomization.yaml' } },
      succeeded(0, 0),
      'skipping: invalid write-back-target: web/kustomization.yaml',
    ],
    [
      'two targets',
      { ...gitBack, gitConfig: { branch: 'main:a:b' } },
      succeeded(0, 0),
      "invalid git-branch 'main:a:b'",
    ],
    [
      'plain http',
      { ...gitBack, gitConfig: { repository: 'http://example.com/x.git' } },
      partial(1, 1, 0),
      "could not get creds for repo 'http://example.com/x.git': unknown repository type",
    ],
    [
      'a host out of reach',
      { ...gitBack, gitConfig: { repository: 'https://example.com/x.git' } },
      partial(1, 1, 0),
      'Could not resolve host: example.com',
    ],
    [
      'a merge request',
      { ...gitBack, gitConfig: { pullRequest: { gitlab: {} } } },
      succeeded(0, 0),
      'not supported in this sandbox: pullRequest',
    ],
  ])(
    'tells of %s in the log, and in the status that something failed',
    async (_, writeBackConfig, conditions, line) => {
      await newRepository('resources: [a.yaml]\n')
      secret('empty', { token: 'x' })
      application('web', [`${web}:1.0.0`])
      start()
      const status = await updater({
        writeBackConfig,
        applicationRefs: [{ namePattern: 'web', images: [{ alias: 'app', imageName: `${web}:~1.0` }] }],
      })
      expect(shown(status).slice(2)).toEqual(conditions)
      expect(lines.join('\n')).toContain(line)
      expect([await commits(), kube.all('events').length]).toEqual([1, 0])
    },
  )
})

describe('argocd write-back', () => {
  const kustomizeImages = (name = 'web') => kube.find('applications', name)?.['spec'].source.kustomize?.images

  it('sets all images of the Application, by their strategies', async () => {
    const image = (name: string) => `${registryName}/learner/${name}`
    await pushImage('learner/a', 'zz', '2026-01-01T00:00:00Z')
    await pushImage('learner/a', 'mm', '2026-03-01T00:00:00Z')
    for (const tag of ['build-0007', 'build-0010', 'build-9']) await pushImage('learner/b', tag)
    await pushImage('learner/d', 'v1')
    const digest = await pushImage('learner/d', 'v2', '2026-02-02T00:00:00Z')
    for (const tag of ['1.0.0', '1.0.1', '1.0.2-x', '1.0.3']) await pushImage('learner/e', tag)
    await pushImage('learner/same', '1.0.0')
    const running = [
      `${image('a')}:zz`,
      `${image('b')}:build-0007`,
      `${image('d')}:v1`,
      `${image('e')}:1.0.0`,
      `${image('same')}:1.0.0`,
    ]
    application('web', running)
    start()
    const images = [
      { alias: 'newest', imageName: image('a'), commonUpdateSettings: { updateStrategy: 'newest-build' } },
      {
        alias: 'name',
        imageName: image('b'),
        commonUpdateSettings: { updateStrategy: 'name', allowTags: 'regexp:^build-[0-9]{4}$' },
      },
      { alias: 'digest', imageName: `${image('d')}:v2`, commonUpdateSettings: { updateStrategy: 'digest' } },
      { alias: 'ignore', imageName: image('e'), commonUpdateSettings: { ignoreTags: ['*.3'] } },
      { alias: 'same', imageName: `${image('same')}:1.0.x` },
      { alias: 'idle', imageName: image('idle') },
    ]
    const spec = { applicationRefs: [{ namePattern: 'w*', images }] }
    expect(shown(await updater(spec))).toEqual([
      '1 applications, 5 images',
      `newest mm, name build-0010, digest ${digest}, ignore 1.0.1`,
      ...succeeded(1, 4),
    ])
    const written = [
      `${image('a')}:mm`,
      `${image('b')}:build-0010`,
      `${image('d')}:v2@${digest}`,
      `${image('e')}:1.0.1`,
      `${image('same')}:1.0.0`,
    ]
    expect(kustomizeImages()).toEqual(written)
    // Already in the spec, though not running yet.
    expect(shown(await updater({ ...spec, commonUpdateSettings: {} }))[3]).toBe(succeeded(1, 0)[1])
  })

  it('forces, renames, and lets images of a registry with a port overwrite each other, as the real one does', async () => {
    await pushImage('learner/web', '1.0.5')
    application('web', [`${web}:1.0.0`])
    start()
    const images = [
      {
        alias: 'side',
        imageName: `${web}:~1.0`,
        manifestTargets: { kustomize: { name: 'app' } },
        commonUpdateSettings: { forceUpdate: true },
      },
    ]
    const status = await updater({ applicationRefs: [{ namePattern: 'web', images }] })
    expect([status.recentUpdates, kustomizeImages()]).toMatchObject([
      [{ message: 'Updated from 1.0.0 to 1.0.5.' }],
      [`app=${web}:1.0.5`],
    ])
  })

  it('takes the most specific reference, and settings of the deepest level', async () => {
    for (const tag of ['1.0.0', '1.0.1', '2.0.0']) await pushImage('learner/web', tag)
    application('web', [`${web}:1.0.0`])
    application('web-2', [`${web}:1.0.0`], { labels: { team: 'a' } })
    application('web-3', [`${web}:1.0.0`])
    start()
    const reference = (namePattern: string, constraint: string, more = {}) => ({
      namePattern,
      ...more,
      images: [{ alias: 'app', imageName: `${web}${constraint}` }],
    })
    await updater({
      commonUpdateSettings: { allowTags: 'regexp:^none$' },
      applicationRefs: [
        reference('*', '', {}),
        reference('web*', ':~1.0', {
          labelSelectors: { matchLabels: { team: 'a' } },
          commonUpdateSettings: { allowTags: 'any' },
        }),
        reference('web', ':2.0.0', { commonUpdateSettings: { allowTags: 'any' } }),
      ],
    })
    expect([kustomizeImages('web'), kustomizeImages('web-2'), kustomizeImages('web-3')]).toEqual([
      [`${web}:2.0.0`],
      [`${web}:1.0.1`],
      undefined,
    ])
  })

  it('reads annotations when told to, and leaves an Application with a wrong one out', async () => {
    for (const tag of ['1.0.0', '1.0.1']) await pushImage('learner/web', tag)
    const note = (name: string) => `argocd-image-updater.argoproj.io/${name}`
    const annotations = { [note('image-list')]: `app=${web}:~1.0`, [note('write-back-method')]: 'argocd' }
    application('web', [`${web}:1.0.0`], { annotations })
    application('bare', [`${web}:1.0.0`])
    start()
    const spec = { applicationRefs: [{ namePattern: '*', useAnnotations: true, images: [] }] }
    expect(shown(await updater(spec))).toEqual(['1 applications, 1 images', 'app 1.0.1', ...succeeded(1, 1)])
    application('web', [`${web}:1.0.0`], { annotations: { ...annotations, [note('app.force-update')]: 'perhaps' } })
    expect(shown(await updater({ ...spec, commonUpdateSettings: {} }))).toEqual([
      '0 applications, 0 images',
      'app 1.0.1',
      ...succeeded(0, 0),
    ])
  })

  it.each<[string, object, string[], string]>([
    [
      'an unknown repository',
      { imageName: `${registryName}/learner/none:~1.0` },
      partial(1, 1, 0),
      'Could not get tags from registry: name unknown: repository name not known to registry',
    ],
    [
      'a registry out of reach',
      { imageName: 'zz.invalid/team/app:~1.0' },
      partial(1, 1, 0),
      'dial tcp: lookup zz.invalid: no such host',
    ],
    [
      'a constraint that is none',
      { imageName: `${web}:>>1` },
      partial(1, 1, 0),
      'Unable to find newest version from available tags: improper constraint: >>1',
    ],
    [
      'a digest without a tag',
      { imageName: web, commonUpdateSettings: { updateStrategy: 'digest' } },
      partial(1, 1, 0),
      `cannot use update strategy 'digest' for image '${web}' without a version constraint`,
    ],
    [
      'a missing pull secret',
      { imageName: web, commonUpdateSettings: { pullSecret: 'pullsecret:argocd/none' } },
      partial(1, 1, 0),
      "Could not set registry endpoint credentials: could not fetch secret 'none' from namespace 'argocd' (field: '.dockerconfigjson'): secrets \\\"none\\\" not found",
    ],
    [
      'a constraint that nothing satisfies',
      { imageName: `${web}:~7.0` },
      succeeded(1, 0),
      `no tags for image ${web} matched constraint`,
    ],
    [
      'verification',
      { imageName: web, imagesVerification: { enabled: true, cosignKey: {} } },
      partial(1, 1, 0),
      'not supported in this sandbox: imagesVerification',
    ],
  ])('tells of %s', async (_, image, conditions, line) => {
    await pushImage('learner/web', '1.0.0')
    application('web', [`${web}:1.0.0`, `${registryName}/learner/none:1.0.0`, 'zz.invalid/team/app:1.0.0'])
    start()
    const status = await updater({ applicationRefs: [{ namePattern: 'web', images: [{ alias: 'app', ...image }] }] })
    expect([shown(status).slice(2), lines.join('\n')]).toEqual([conditions, expect.stringContaining(line)])
  })

  it('skips plain directories, and fails on a pattern that is none', async () => {
    application('web', [`${web}:1.0.0`], { sourceType: 'Directory' })
    start()
    const images = [{ alias: 'app', imageName: web }]
    expect(shown(await updater({ applicationRefs: [{ namePattern: 'web', images }] }))).toEqual([
      '0 applications, 0 images',
      '',
      ...succeeded(0, 0),
    ])
    expect(lines.join('\n')).toContain(
      "skipping app 'argocd/web' of type 'Directory' because it's not of supported source type",
    )
    expect(shown(await updater({ applicationRefs: [{ namePattern: 'web-[', images }] }))).toEqual([
      '0 applications, 0 images',
      '',
      "Error=True ReconcileError: invalid application name pattern 'web-[': syntax error in pattern",
      "Ready=False ReconcileFailed: Reconciliation failed: invalid application name pattern 'web-[': syntax error in pattern",
    ])
  })

  it('lets a deleted ImageUpdater go, and ends with its container', async () => {
    start()
    await updater({ applicationRefs: [{ namePattern: 'x', images: [] }] })
    const object = kube.find('imageupdaters', 'web') as KubeObject
    kube.put('imageupdaters', {
      ...object,
      spec: { ...object['spec'], changed: true },
      metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    })
    await vi.waitFor(() => expect(kube.find('imageupdaters', 'web')?.metadata.finalizers).toEqual([]))
    stop.abort()
    expect([await ended, clock.pending()]).toEqual([0, []])
  })
})

describe('the manifest', () => {
  it('is what the course applies', () => {
    const text = readFileSync(new URL('../../../assets/image-updater/install.yaml', import.meta.url), 'utf8')
    expect(text).toContain('image: quay.io/argoprojlabs/argocd-image-updater:v1.3.0')
  })
})
