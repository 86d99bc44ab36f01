import { describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../core/kube-client.ts'
import { partial, registryName, shown, succeeded, web, withWorld } from './testing/world.ts'

const world = withWorld()
const { start, pushImage, application, updater } = world

describe('argocd write-back', () => {
  const kustomizeImages = (name = 'web') => world.kube.find('applications', name)?.['spec'].source.kustomize?.images

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
      'a pull secret of another namespace',
      { imageName: web, commonUpdateSettings: { pullSecret: 'pullsecret:default/none' } },
      partial(1, 1, 0),
      "commonUpdateSettings.pullSecret namespace 'default' differs from app namespace 'argocd'",
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
    expect([shown(status).slice(2), world.lines.join('\n')]).toEqual([conditions, expect.stringContaining(line)])
  })

  it('refuses images of a registry that the sandbox cannot use, and no others', async () => {
    await pushImage('learner/web', '1.0.1')
    application('web', [`${web}:1.0.0`, 'own.test/app:1.0.0'])
    const registry = (name: string, more: string) => `- {name: ${name}, prefix: ${name}, ${more}}\n`
    world.files.set(
      '/app/config/registries.conf',
      `registries:\n${registry('own.test', 'api_url: "https://own.test", insecure: true')}${registry(registryName, `api_url: "http://${registryName}", tagsortmode: latest-last`)}`,
    )
    start()
    const images = [
      { alias: 'own', imageName: 'own.test/app' },
      { alias: 'app', imageName: web },
    ]
    const status = await updater({ applicationRefs: [{ namePattern: 'web', images }] })
    expect(shown(status)).toEqual(['1 applications, 2 images', 'app 1.0.1', ...partial(1, 1, 1)])
    const refusal = 'registry own.test cannot be used in this sandbox: insecure asks for TLS'
    expect(world.lines.filter((line) => line.includes(refusal)).length).toBe(2)
    expect(world.lines.join('\n')).toContain(
      `level=warning msg="Registry http://${registryName} has tag sort mode set to latest-last, meta data retrieval will be disabled for this registry."`,
    )
  })

  it('does not start with registries that cannot be read', async () => {
    world.files.set('/app/config/registries.conf', 'registries: [{name: a, prefix: a}]')
    start()
    await vi.waitFor(() => expect(world.lines.join('\n')).toContain('API URL must be specified for registry a'))
    expect([await world.stop(), world.lines.at(-1)]).toEqual([
      1,
      expect.stringContaining('level=error msg="could not load registry configuration" error="API URL must'),
    ])
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
    expect(world.lines.join('\n')).toContain(
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
    const object = world.kube.find('imageupdaters', 'web') as KubeObject
    world.kube.put('imageupdaters', {
      ...object,
      spec: { ...object['spec'], changed: true },
      metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    })
    await vi.waitFor(() => expect(world.kube.find('imageupdaters', 'web')?.metadata.finalizers).toEqual([]))
    expect([await world.stop(), world.clock.pending()]).toEqual([0, []])
  })
})
