import { beforeEach, describe, expect, it, vi } from 'vitest'
import { gitBack, partial, registryName, shown, succeeded, web, withWorld } from './testing/world.ts'

const world = withWorld()
const { start, pushImage, origin, newRepository, lastCommit, fileInGit, commits, application, updater, idle, secret } =
  world

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
    expect(world.kube.find('imageupdaters', 'web')?.metadata.finalizers).toEqual([
      'resources-finalizer.argocd-image-updater.argoproj.io',
    ])
    expect(world.kube.all('events')).toMatchObject([
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
    expect(world.clock.pending()).toMatchObject([
      { actor: 'Argo CD Image Updater', subject: 'ImageUpdater argocd/web', action: 'look for new tags' },
    ])
    const cycles = () => world.lines.filter((line) => line.includes('Processing results')).length
    await world.clock.advance(120_000)
    await vi.waitFor(() => expect([cycles(), world.clock.pending().length]).toEqual([2, 1]))
    expect([shown(await idle())[3], await commits()]).toEqual([
      'Ready=True ReconcileSucceeded: Reconciled 1 applications, 1 images updated.',
      2,
    ])

    application('web', [`${web}:1.0.1`])
    const later = await updater({ ...spec, commonUpdateSettings: { ignoreTags: ['x'] } })
    expect(shown(later)).toEqual(['1 applications, 1 images', 'app 1.0.1', ...succeeded(1, 0)])
    expect(world.lines.join('\n')).not.toContain('password')
  })

  it('writes .argocd-source files with the credentials of Argo CD, and a message of its own', async () => {
    await newRepository('resources: [a.yaml]\n')
    await pushImage('learner/side', '0.5.0')
    application('web', [`${web}:1.0.0`, `${registryName}/learner/side:0.5.0`])
    world.files.set('/app/config/commit.template', '{{ .AppName }}:{{ range .AppChanges }} {{ .NewTag }}{{ end }}')
    start({ GIT_COMMIT_USER: 'bot', GIT_COMMIT_EMAIL: 'bot@x' })
    const images = [
      { alias: 'app', imageName: `${web}:~1.0` },
      { alias: 'side', imageName: `${registryName}/learner/side` },
    ]
    const spec = { writeBackConfig: { method: 'git' }, applicationRefs: [{ namePattern: 'web', images }] }
    expect(shown(await updater(spec))).toEqual(['1 applications, 2 images', '', ...partial(1, 1, 0)])
    expect(world.lines.join('\n')).toContain(`credentials for '${origin()}' are not configured in Argo CD settings`)
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
      expect(world.lines.join('\n')).toContain(line)
      expect([await commits(), world.kube.all('events').length]).toEqual([1, 0])
    },
  )
})
