import { describe, expect, it } from 'vitest'
import type { Lab } from '../../lab/step.ts'
import { meaningOf } from './answers.ts'
import type { CauseId } from './causes.ts'
import { allows } from './constraint.ts'
import { tagCommitted } from './delivery.ts'
import { imagePushed } from './pipeline.ts'
import { podTrouble } from './pods.ts'
import { sameRepository } from './projects.ts'
import { waitFor } from './waiting.ts'

describe('meaningOf', () => {
  it.each<[string, CauseId | undefined]>([
    [
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time …',
      'clock-skew',
    ],
    ['dial tcp: lookup gitlab.com on 10.96.0.10:53: no such host', 'no-network'],
    ['fatal: unable to access …: Could not resolve host: gitlab.com', 'no-network'],
    ['toomanyrequests: You have reached your pull rate limit.', 'rate-limit'],
    ['The metadata.annotations: Too long: may not be more than 262144 bytes', 'client-side-apply'],
    ['Identity verification is required in order to run CI jobs', 'runners-not-verified'],
    ['ci_quota_exceeded', 'quota-exceeded'],
    ['could not push main to origin: … The requested URL returned error: 403', 'token-cannot-write'],
    ['could not get creds for repo \'https://…\': secrets "x" not found', 'secret-missing'],
    ['unable to clone: authentication required', 'token-refused'],
    ['authentication required: HTTP Basic: Access denied', 'token-refused'],
    ["unable to resolve 'nope' to a commit SHA", 'wrong-branch'],
    ['workload: app path does not exist', 'wrong-path'],
    ['kustomization path not found: stat /tmp/x/workload: no such file or directory', 'wrong-path'],
    ['kustomize build failed: accumulating resources: MalformedYAMLError', 'manifest-yaml'],
    ['no matches for kind "Certificate" in version "cert-manager.io/v1"', 'definition-missing'],
    ['version list argument cannot be empty', 'tag-outside-constraint'],
    ['something else altogether', undefined],
  ])('%s', (text, cause) => expect(meaningOf(text)?.cause).toBe(cause))
})

describe('allows', () => {
  it.each<[string, string, boolean | undefined]>([
    ['~1.0', '1.0.7', true],
    ['~1.0', '1.1.0', false],
    ['~1', '1.9.0', true],
    ['^1.2.3', '1.9.0', true],
    ['^1.2.3', '1.2.2', false],
    ['^0.2.0', '0.3.0', false],
    ['1.0.x', '1.0.9', true],
    ['1.0.x', '1.1.9', false],
    ['*', '9.9.9', true],
    ['>=1.0.0 <1.0.5', '1.0.5', false],
    ['>=1.0.0, <1.0.5', '1.0.4', true],
    ['1.0.3', '1.0.4', false],
    ['<=1.0.2', '1.0.3', false],
    ['<=1.0', '1.0.3', undefined],
    ['>1.0', '1.0.3', undefined],
    ['~1.0 || ~2.0', '1.0.4', undefined],
    ['~1.0', 'latest', undefined],
  ])('%s of %s', (constraint, tag, verdict) => expect(allows(constraint, tag)).toBe(verdict))
})

it('compares addresses of repositories without .git, user and last slash', () => {
  expect(sameRepository('http://a/b/c.git', 'http://me:secret@a/b/c/')).toBe(true)
  expect(sameRepository('http://a/b/c', 'http://a/b/c-config')).toBe(false)
})

describe('podTrouble', () => {
  const pod = (waiting: object) =>
    ({
      metadata: { name: 'p' },
      status: { containerStatuses: [{ state: { waiting }, lastState: { terminated: { exitCode: 1 } } }] },
    }) as never
  it.each<[object, CauseId | undefined]>([
    [{ reason: 'ErrImagePull', message: 'manifest unknown: not found' }, 'image-missing'],
    [{ reason: 'ImagePullBackOff', message: 'pull access denied, repository does not exist' }, 'private-project'],
    [{ reason: 'ErrImagePull', message: '429 Too Many Requests - toomanyrequests: limit' }, 'rate-limit'],
    [{ reason: 'ErrImagePull', message: 'dial tcp: lookup registry.gitlab.com: no such host' }, 'no-network'],
    [{ reason: 'CrashLoopBackOff', message: 'back-off 10s' }, 'app-crashes'],
    [{ reason: 'ContainerCreating' }, undefined],
  ])('%o', (waiting, cause) => expect(podTrouble([pod(waiting)])?.cause).toBe(cause))
})

const absent = async () => undefined
const none = async () => []
const labWith = (parts: object): Lab =>
  ({
    kube: { get: absent, list: none },
    gitlab: { project: async () => ({}), commits: none, pipelines: none, jobs: none, file: absent, branches: none },
    registry: { tags: none },
    waits: none,
    env: {},
    clock: { now: () => 1_000_000 },
    ...parts,
  }) as unknown as Lab

describe('waitFor', () => {
  const asked = { expected: 'a', found: 'b', actor: 'Argo CD', on: 'Application argocd/web' }
  const running = { spec: { replicas: 1 }, status: { readyReplicas: 1 } }
  const due = { actor: 'Argo CD', subject: 'Application argocd/web', action: 'compare', due: 7 }

  it('tells who acts, on what, by when, and what shortens it', async () => {
    const lab = labWith({ kube: { get: async () => running }, waits: async () => [{ ...due, due: 9 }, due] })
    expect(await waitFor(lab, asked)).toMatchObject({
      kind: 'pending',
      actor: 'Argo CD',
      until: 7,
      next: 'To wait less, press f, or run: kubectl annotate application web --namespace argocd --overwrite argocd.argoproj.io/refresh=normal',
    })
  })

  it('falls back on the interval where no timer is known', async () => {
    const lab = labWith({ kube: { get: async () => running } })
    expect(await waitFor(lab, { ...asked, until: 5 })).toMatchObject({ kind: 'pending', until: 5 })
  })

  it('is blocked where the one who should act cannot', async () => {
    expect(await waitFor(labWith({}), asked)).toMatchObject({ kind: 'blocked', cause: { id: 'controller-missing' } })
    const stopped = labWith({ kube: { get: async () => ({ spec: { replicas: 0 } }) } })
    expect(await waitFor(stopped, asked)).toMatchObject({ cause: { id: 'controller-scaled-to-zero' } })
  })
})

describe('imagePushed', () => {
  const sha = 'a'.repeat(40)
  const pipeline = {
    id: 9,
    iid: 2,
    sha,
    status: 'failed',
    webUrl: 'http://g/a/-/pipelines/9',
    createdAt: '',
    finishedAt: null,
  }
  const gitlabWith = (parts: object) =>
    labWith({
      gitlab: {
        ...labWith({}).gitlab,
        commits: async () => [{ sha, createdAt: new Date(0).toISOString() }],
        file: async () => 'stages: []',
        ...parts,
      },
    })

  it.each<[string, object, object[], CauseId]>([
    [
      'an account that is not verified',
      { yamlErrors: 'Identity verification is required in order to run CI jobs' },
      [],
      'runners-not-verified',
    ],
    [
      'no compute minutes',
      { yamlErrors: null },
      [{ name: 'test', stage: 'test', status: 'failed', failureReason: 'ci_quota_exceeded' }],
      'quota-exceeded',
    ],
    [
      'a job of another stage',
      { yamlErrors: null },
      [{ id: 3, name: 'scan', stage: 'scan', status: 'failed', failureReason: 'script_failure' }],
      'job-failed',
    ],
  ])('explains %s', async (_, more, jobs, cause) => {
    const lab = gitlabWith({ pipelines: async () => [{ ...pipeline, ...more }], jobs: async () => jobs })
    expect(await imagePushed(lab)).toMatchObject({ kind: 'blocked', cause: { id: cause } })
  })

  it('expects a pipeline to take as long as those before it', async () => {
    const at = (seconds: number) => new Date(seconds * 1000).toISOString()
    const pipelines = [
      { ...pipeline, status: 'running', createdAt: at(100) },
      { ...pipeline, iid: 1, sha: 'b', status: 'success', createdAt: at(10), finishedAt: at(25) },
    ]
    expect(await imagePushed(gitlabWith({ pipelines: async () => pipelines }))).toMatchObject({
      kind: 'pending',
      actor: 'GitLab CI',
      until: 115_000,
      cause: { id: 'pipeline-running' },
    })
  })
})

describe('a revert of the updater’s commit alone', () => {
  const object = {
    metadata: { generation: 1 },
    spec: { replicas: 1, applicationRefs: [{ images: [{ imageName: 'registry/app:~1.0' }] }] },
    status: {
      readyReplicas: 1,
      applicationsMatched: 1,
      imagesManaged: 1,
      observedGeneration: 1,
      lastCheckedAt: new Date(0).toISOString(),
    },
  }
  const author = 'argocd-image-updater'
  const updated = { sha: 'b', author, message: "build: automatic update\n\nupdates image app tag '1.0.2' to '1.0.3'" }
  const reverted = { author: 'learner', message: 'Revert "build: automatic update"\n\nThis reverts commit b.' }
  const verdictAt = (iid: number) =>
    tagCommitted(
      labWith({
        kube: { get: async () => object },
        gitlab: {
          ...labWith({}).gitlab,
          pipelines: async () => [{ iid }],
          file: async () => 'images:\n  - name: app\n    newTag: 1.0.2\n',
          commits: async () => [reverted, updated],
        },
      }),
      'Argo CD',
    )

  it('is undone, and it is told what to do instead', async () => {
    expect(await verdictAt(3)).toMatchObject({
      kind: 'pending',
      actor: 'Image Updater',
      until: 120_000,
      cause: { id: 'tag-reverted' },
      next: expect.stringContaining('git revert --no-edit HEAD'),
    })
  })

  it('is no longer what is waited for when the app was reverted, too', async () => {
    const verdict = await verdictAt(4)
    expect(verdict).toMatchObject({ kind: 'pending', next: expect.stringContaining('kubectl rollout restart') })
    expect(verdict).not.toHaveProperty('cause')
  })
})
