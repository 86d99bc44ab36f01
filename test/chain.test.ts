import { describe, expect, it } from 'vitest'
import type { ChainLink } from '../lab/engine/chain.ts'
import readChain from '../steps/chain.ts'
import { A, argo, B, C, D, deployment, labOf, NOW, ready, type World, wait, withSpec } from './chain-world.ts'

const chain = async (world: World): Promise<readonly ChainLink[]> => (await readChain(labOf(world))).links
const states = (links: readonly ChainLink[]) => links.map(({ state }) => state).join(' ')
const front = (links: readonly ChainLink[]) => links.find(({ state }) => state !== 'done')

const pushed: World = { commits: [B, A], clone: { head: B }, pipeline: { status: 'success' }, tags: ['1.0.2', '1.0.1'] }
const flux = {
  'kustomizations/workloads': withSpec(
    ready('True', 'ReconciliationSucceeded'),
    {},
    { lastAppliedRevision: `main@sha1:${C}` },
  ),
  'gitrepositories/my-nodejs-app-config': withSpec(
    ready('True', 'Succeeded'),
    {},
    { artifact: { revision: `main@sha1:${C}` } },
  ),
  'deployments/nodeapp': deployment('1.0.1'),
}
const automation = {
  'imagerepositories/nodeapp': withSpec(ready('True', 'Succeeded'), {}),
  'imagepolicies/nodeapp': withSpec(ready('True', 'Succeeded'), {}, { latestRef: { tag: '1.0.1' } }),
  'imageupdateautomations/nodeapp': withSpec(ready('True', 'Succeeded'), {}),
}
const isSuspended = {
  ...flux,
  'kustomizations/workloads': withSpec(flux['kustomizations/workloads'], { suspend: true }),
}
const updater = { 'imageupdaters/my-nodejs-app': { metadata: { name: 'x' }, spec: {}, status: {} } }
const last = { ...updater, 'applications/my-nodejs-app': argo(C, 'Synced'), 'deployments/nodeapp': deployment('1.0.1') }

describe('the chain', () => {
  it('begins with a project', async () => {
    const links = await chain({})
    expect(states(links)).toBe('unknown unknown unknown unknown unknown unknown')
    expect(links.map(({ title }) => title)).toEqual([
      'Commit',
      'Pipeline',
      'Image',
      'Config commit',
      'Reconciler',
      'Pods',
    ])
    expect(links[0]?.note).toBe('no project yet')
    expect((await chain({ commits: [], clone: { head: null, changed: ['a', 'b'] } }))[0]?.note).toBe(
      '2 changed files not committed',
    )
  })

  it('is done from end to end, with what each station holds', async () => {
    const links = await chain({
      ...pushed,
      config: [C, '1.0.2'],
      objects: { ...flux, 'deployments/nodeapp': deployment('1.0.2') },
    })
    expect(states(links)).toBe('done done done done done done')
    expect(links.map(({ what }) => what)).toEqual(['bbbbbbbb', '#2', '1.0.2', 'cccccccc', 'cccccccc', '1.0.2'])
  })

  const fluxAt = (...objects: object[]): World => ({
    ...pushed,
    config: [C, '1.0.1'],
    objects: Object.assign({}, flux, ...objects),
  })
  const table: [string, World, Partial<ChainLink>][] = [
    [
      'a commit that is not pushed',
      { ...pushed, clone: { head: D } },
      { id: 'commit', state: 'waiting', what: 'dddddddd', actor: 'you', action: 'push' },
    ],
    [
      'a pipeline that runs',
      { ...pushed, pipeline: { status: 'running', job: ['test', 'running'] } },
      { id: 'pipeline', state: 'running', what: '#2', actor: 'GitLab CI', action: 'run the job test' },
    ],
    [
      'a pipeline that failed',
      { ...pushed, pipeline: { status: 'failed', job: ['test', 'failed'] } },
      { id: 'pipeline', state: 'failed', note: 'job test failed' },
    ],
    [
      'a pipeline that cannot be read',
      { ...pushed, pipeline: { status: 'failed', yamlErrors: 'no jobs' } },
      { id: 'pipeline', state: 'failed', note: 'no jobs' },
    ],
    [
      'no pipeline',
      { ...pushed, pipeline: undefined },
      { id: 'pipeline', state: 'failed', note: 'commit bbbbbbbb has no pipeline' },
    ],
    ['no image', { ...pushed, tags: ['1.0.1'] }, { id: 'image', state: 'failed', note: 'the registry has no 1.0.2' }],
    ['no configuration', pushed, { id: 'config', state: 'waiting', actor: 'you', action: 'push the configuration' }],
    [
      'Flux without image automation',
      fluxAt(),
      { id: 'config', state: 'waiting', actor: 'you', action: 'set newTag to 1.0.2' },
    ],
    [
      'a tag that Flux has not found',
      {
        ...fluxAt(automation),
        waits: [wait('image-reflector-controller', 'ImageRepository flux-system/nodeapp', 'scan for new tags')],
      },
      {
        id: 'config',
        state: 'waiting',
        actor: 'image-reflector-controller',
        action: 'scan for new tags',
        due: NOW + 60_000,
        note: 'Git still says 1.0.1',
      },
    ],
    [
      'a tag that Flux has found',
      fluxAt(automation, {
        'imagepolicies/nodeapp': withSpec(ready('True', 'Succeeded'), {}, { latestRef: { tag: '1.0.2' } }),
      }),
      { id: 'config', state: 'waiting', actor: 'image-automation-controller', due: undefined },
    ],
    [
      'an automation that may not push',
      fluxAt(automation, {
        'imagepolicies/nodeapp': withSpec(ready('True', 'Succeeded'), {}, { latestRef: { tag: '1.0.2' } }),
        'imageupdateautomations/nodeapp': withSpec(ready('False', 'GitOperationFailed', 'not\nallowed'), {}),
      }),
      { id: 'config', state: 'failed', note: 'GitOperationFailed: not allowed' },
    ],
    [
      'a suspended automation',
      fluxAt(automation, { 'imageupdateautomations/nodeapp': withSpec(ready('True', 'Succeeded'), { suspend: true }) }),
      { id: 'config', actor: 'you', note: "Git still says 1.0.1; Flux's automation is suspended" },
    ],
    [
      'a commit that Flux has not fetched',
      {
        ...fluxAt(automation),
        config: [D, '1.0.2'],
        waits: [wait('source-controller', 'GitRepository flux-system/my-nodejs-app-config', 'fetch the repository')],
      },
      { id: 'reconciler', title: 'Flux', state: 'waiting', actor: 'source-controller', due: NOW + 60_000 },
    ],
    [
      'a commit that Flux cannot apply',
      {
        ...fluxAt({
          'kustomizations/workloads': withSpec(
            ready('False', 'BuildFailed', 'no such file'),
            {},
            { lastAppliedRevision: `main@sha1:${A}` },
          ),
        }),
        config: [C, '1.0.2'],
      },
      { id: 'reconciler', state: 'failed', note: 'BuildFailed: no such file' },
    ],
    [
      'a Kustomization that waits for another',
      {
        ...fluxAt({ 'kustomizations/workloads': withSpec(ready('False', 'DependencyNotReady'), {}) }),
        config: [C, '1.0.2'],
        waits: [wait('kustomize-controller', 'Kustomization flux-system/workloads', 'check its dependencies again')],
      },
      { id: 'reconciler', state: 'waiting', due: NOW + 60_000 },
    ],
    [
      'Argo CD beside an active Flux, which still delivers',
      {
        ...fluxAt({
          'applications/my-nodejs-app': argo(D, 'OutOfSync', {}, 'manual'),
          'deployments/nodeapp': deployment('1.0.2', 1),
        }),
        config: [C, '1.0.2'],
      },
      { id: 'pods', state: 'running', what: '1.0.2', actor: 'Deployment controller' },
    ],
    [
      'Flux suspended, nobody follows',
      { ...pushed, config: [D, '1.0.2'], objects: isSuspended },
      { id: 'reconciler', title: 'Flux', state: 'waiting', actor: 'you' },
    ],
    [
      'Flux suspended, Argo CD synced by hand only',
      {
        ...pushed,
        config: [C, '1.0.2'],
        objects: { ...isSuspended, 'applications/my-nodejs-app': argo(C, 'OutOfSync', {}, 'manual') },
      },
      { id: 'reconciler', title: 'Argo CD', state: 'waiting', actor: 'you', action: 'sync the Application' },
    ],
    [
      'Image Updater has not looked',
      {
        ...pushed,
        config: [C, '1.0.1'],
        objects: last,
        waits: [wait('Argo CD Image Updater', 'ImageUpdater argocd/my-nodejs-app', 'look for new tags')],
      },
      { id: 'config', state: 'waiting', actor: 'Image Updater', due: NOW + 60_000 },
    ],
    [
      'Argo CD has not compared',
      {
        ...pushed,
        config: [D, '1.0.2'],
        objects: last,
        waits: [wait('Argo CD', 'Application argocd/my-nodejs-app', 'compare with Git')],
      },
      {
        id: 'reconciler',
        title: 'Argo CD',
        state: 'waiting',
        due: NOW + 60_000,
        note: 'it is at cccccccc, Git at dddddddd',
      },
    ],
    [
      'Argo CD syncs',
      {
        ...pushed,
        config: [D, '1.0.2'],
        objects: {
          ...last,
          'applications/my-nodejs-app': argo(C, 'OutOfSync', {
            operationState: { phase: 'Running', message: 'waiting' },
          }),
        },
      },
      { id: 'reconciler', state: 'running', action: 'sync', note: 'waiting' },
    ],
    [
      'Argo CD cannot render',
      {
        ...pushed,
        config: [D, '1.0.2'],
        objects: {
          ...last,
          'applications/my-nodejs-app': argo(C, 'Unknown', {
            conditions: [{ type: 'ComparisonError', message: 'no path' }],
          }),
        },
      },
      { id: 'reconciler', state: 'failed', note: 'ComparisonError: no path' },
    ],
    [
      'Argo CD could not sync',
      {
        ...pushed,
        config: [D, '1.0.2'],
        objects: {
          ...last,
          'applications/my-nodejs-app': argo(D, 'OutOfSync', {
            operationState: { phase: 'Failed', message: 'no', syncResult: { revision: D } },
          }),
        },
      },
      { id: 'reconciler', state: 'failed', note: 'no' },
    ],
    [
      'a rollout that does not end',
      {
        ...pushed,
        config: [C, '1.0.2'],
        objects: { ...last, 'deployments/nodeapp': deployment('1.0.2', 1, 'ProgressDeadlineExceeded') },
      },
      { id: 'pods', state: 'failed', what: '1.0.2' },
    ],
    [
      'an image that cannot be pulled',
      {
        ...pushed,
        config: [C, '1.0.2'],
        objects: { ...last, 'deployments/nodeapp': deployment('1.0.2', 1) },
        pods: [
          {
            spec: { containers: [{ image: 'registry/x:1.0.2' }] },
            status: { containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'denied' } } }] },
          },
        ],
      },
      { id: 'pods', state: 'failed', note: 'ErrImagePull: denied' },
    ],
  ]
  it.each(table)('shows %s', async (_, world, expected) => {
    const links = await chain(world)
    expect(front(links)).toMatchObject(expected)
    const at = links.findIndex(({ state }) => state !== 'done')
    expect(links.slice(at + 1).filter(({ id, state }) => id !== 'pods' && state !== 'unknown')).toEqual([])
  })
})
