import { describe, expect, it } from 'vitest'
import { applyMergePatch, mergePatch } from '../core/json.ts'
import type { KubeObject } from '../core/kube-client.ts'
import { setConditions } from './conditions.ts'
import { durationOf, kitchenTime, retryDelay } from './controller/retry.ts'
import { matchesGlob } from './glob.ts'
import { type Project, permitsDestination, permitsKind, permitsSource } from './project.ts'
import { findRepository } from './repositories.ts'
import { hashPassword, newPassword, verifyPassword } from './server/passwords.ts'
import { issueToken, readToken } from './server/tokens.ts'
import { followsPush, readPush } from './server/webhook.ts'
import { isExcluded, readSettings } from './settings.ts'
import { resolveDestination, validateSpec } from './spec.ts'
import { formatTrackingId, isSelfReferenced, parseTrackingId, track } from './tracking.ts'

const project = (spec: object): Project => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'p' },
  spec,
})
const server = 'https://kubernetes.default.svc'

describe('projects', () => {
  it.each([
    [['*'], true],
    [['https://git.example.com/team/*'], true],
    [['https://git.example.com/*'], false],
    [['*', '!https://git.example.com/team/app'], false],
    [[], false],
  ])('with repositories %j permit: %s', (sourceRepos, permitted) => {
    expect(permitsSource(project({ sourceRepos }), 'https://git.example.com/team/app.git')).toBe(permitted)
  })

  it.each([
    [[{ server: '*', namespace: '*' }], true],
    [[{ name: 'in-cluster', namespace: 'demo' }], true],
    [[{ server, namespace: 'team-*' }], false],
    [
      [
        { server: '*', namespace: '*' },
        { server: '*', namespace: '!demo' },
      ],
      false,
    ],
  ])('with destinations %j permit: %s', (destinations, permitted) => {
    expect(permitsDestination(project({ destinations }), { server, name: 'in-cluster', namespace: 'demo' })).toBe(
      permitted,
    )
  })

  it('list cluster kinds, and namespaced ones only if they want', () => {
    expect(permitsKind(project({}), '', 'Secret', true)).toBe(true)
    expect(
      permitsKind(project({ namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] }), '', 'Secret', true),
    ).toBe(false)
    expect(permitsKind(project({}), '', 'Namespace', false)).toBe(false)
    expect(
      permitsKind(project({ clusterResourceWhitelist: [{ group: '*', kind: '*' }] }), '', 'Namespace', false),
    ).toBe(true)
  })
})

describe('specs', () => {
  it.each([
    [{ server }, { server, name: 'in-cluster', namespace: '' }],
    [
      { name: 'in-cluster', namespace: 'x' },
      { server, name: 'in-cluster', namespace: 'x' },
    ],
    [{}, 'Destination server missing from app spec'],
    [{ name: 'prod' }, 'there are no clusters with this name: prod'],
    [
      { server, name: 'in-cluster' },
      `application destination can't have both name and server defined: in-cluster ${server}`,
    ],
  ])('destination %j', (destination, resolved) => {
    expect(resolveDestination(destination)).toEqual(resolved)
  })

  it('need a place to read from that the project permits', () => {
    const spec = { project: 'p', destination: { server, namespace: 'demo' } }
    const open = project({ sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] })
    expect(validateSpec({ ...spec, source: { repoURL: 'x' } }, open)[0]).toMatch(/spec\.source\.path/)
    expect(validateSpec({ ...spec, source: { repoURL: 'x', path: 'a' } }, open)).toEqual([])
    expect(validateSpec({ ...spec, source: { repoURL: 'x', path: 'a' } }, project({ destinations: [] }))).toEqual([
      "application repo x is not permitted in project 'p'",
      `application destination server '${server}' and namespace 'demo' do not match any of the allowed destinations in project 'p'`,
    ])
  })
})

describe('tracking', () => {
  const object: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }

  it('marks an object with where it belongs', () => {
    const tracked = track(object, 'shop', 'demo', 'annotation')
    expect(tracked.metadata.annotations).toEqual({ 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:demo/web' })
    const id = parseTrackingId('shop:apps/Deployment:demo/web')
    expect(id && formatTrackingId(id)).toBe('shop:apps/Deployment:demo/web')
    expect(track(object, 'shop', 'demo', 'label').metadata.labels).toEqual({ 'app.kubernetes.io/instance': 'shop' })
    const definition = { ...object, apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
    expect(track(definition, 'shop', 'demo', 'annotation').metadata.annotations).toBeUndefined()
  })

  it('knows a mark that was copied from another object', () => {
    const copied = { ...track(object, 'shop', 'demo', 'annotation'), kind: 'ReplicaSet' }
    expect(isSelfReferenced(track(object, 'shop', 'demo', 'annotation'), 'annotation')).toBe(true)
    expect(isSelfReferenced(copied, 'annotation')).toBe(false)
  })
})

describe('credentials', () => {
  const secret = (name: string, type: string, values: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'argocd.argoproj.io/secret-type': type } },
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  })
  const secrets = [
    secret('a', 'repository', { url: 'http://git.example.com/team/app', username: 'own', password: 'x' }),
    secret('b', 'repo-creds', { url: 'http://git.example.com/', username: 'wide', password: 'x' }),
    secret('c', 'repo-creds', { url: 'http://git.example.com/team', username: 'narrow', password: 'x' }),
  ]

  it.each([
    ['http://git.example.com/team/app.git', 'own'],
    ['http://git.example.com/team/other.git', 'narrow'],
    ['http://git.example.com/else', 'wide'],
    ['http://elsewhere.example.com/app', undefined],
  ])('for %s are those of %s', (url, username) => {
    expect(findRepository(secrets, url).credentials?.username).toBe(username)
  })
})

it('keeps the time of a condition that says the same', () => {
  const before = [
    { type: 'ComparisonError', message: 'a', lastTransitionTime: 'then' },
    { type: 'SyncError', message: 'b', lastTransitionTime: 'then' },
  ] as const
  const next = [
    { type: 'ComparisonError', message: 'a' },
    { type: 'ComparisonError', message: 'c' },
  ] as const
  expect(setConditions(before, next, ['ComparisonError'], 'now')).toEqual([
    { type: 'ComparisonError', message: 'a', lastTransitionTime: 'then' },
    { type: 'ComparisonError', message: 'c', lastTransitionTime: 'now' },
    { type: 'SyncError', message: 'b', lastTransitionTime: 'then' },
  ])
})

it('makes merge patches that lead there', () => {
  const [from, to] = [
    { a: 1, b: { c: 1, d: 2 }, e: [1] },
    { a: 1, b: { d: 3 }, e: [2], f: {} },
  ]
  const patch = mergePatch(from, to)
  expect(patch).toEqual({ b: { c: null, d: 3 }, e: [2], f: {} })
  expect(applyMergePatch(from, patch)).toEqual(to)
  expect(mergePatch(to, to)).toBeUndefined()
})

it.each([
  ['*', 'a/b', undefined, true],
  ['a*', 'a/b', '/', false],
  ['a/**', 'a/b/c', '/', true],
  ['{a,b}.yaml', 'b.yaml', undefined, true],
  ['[ab]?', 'bx', undefined, true],
  ['a.b', 'axb', undefined, false],
])('glob %s matches %s (%s): %s', (pattern, text, separator, matches) => {
  expect(matchesGlob(pattern, text, separator)).toBe(matches)
})

it('waits between retries', () => {
  expect([0, 1, 2, 9].map((retries) => retryDelay({ limit: 5 }, retries))).toEqual([5000, 10_000, 20_000, 180_000])
  expect(retryDelay({ backoff: { duration: '1m30s', factor: 3, maxDuration: '2m' } }, 1)).toBe(120_000)
  expect([durationOf('120s'), durationOf('1.5h'), durationOf('soon')]).toEqual([120_000, 5_400_000, undefined])
  expect([kitchenTime(Date.UTC(2026, 0, 1, 0, 5)), kitchenTime(Date.UTC(2026, 0, 1, 20, 51))]).toEqual([
    '12:05AM',
    '8:51PM',
  ])
})

it('leaves out the kinds that argocd-cm excludes', () => {
  const data = { 'resource.exclusions': '- apiGroups: ["*.example.com"]\n  kinds: [Report]\n' }
  const settings = readSettings({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data })
  expect(isExcluded(settings, 'a.example.com', 'Report')).toBe(true)
  expect(isExcluded(settings, 'a.example.com', 'Other')).toBe(false)
  expect(isExcluded(settings, '', 'Event')).toBe(true)
})

it('logs in with the password, until it is changed', () => {
  const password = newPassword()
  const stored = hashPassword(password)
  expect([
    verifyPassword(password, stored),
    verifyPassword('wrong', stored),
    verifyPassword(password, '$2a$10$x'),
  ]).toEqual([true, false, false])
  const [key, now] = ['key', Date.UTC(2026, 0, 1)]
  const token = issueToken(key, now)
  expect(readToken(token, key, now + 1000, 0)).toMatchObject({ iss: 'argocd', sub: 'admin:login' })
  expect(readToken(token, 'other', now, 0)).toBeUndefined()
  expect(readToken(token, key, now + 25 * 3_600_000, 0)).toBeUndefined()
  expect(readToken(token, key, now + 2000, now + 2000)).toBeUndefined()
})

describe('a push', () => {
  const push = (ref: string, files: string[] = []) =>
    readPush({
      ref,
      project: { web_url: 'http://gitlab.example.com:8080/team/app', default_branch: 'main' },
      commits: [{ modified: files }],
    })!
  const app = (targetRevision: string, repoURL = 'https://gitlab.example.com/team/app.git', annotations = {}) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'a', annotations },
    spec: { project: '', destination: {}, source: { repoURL, targetRevision, path: 'web' } },
  })

  it.each([
    ['main', 'refs/heads/main', true],
    ['HEAD', 'refs/heads/main', true],
    ['HEAD', 'refs/heads/feature', false],
    ['main', 'refs/heads/feature', false],
    ['v1', 'refs/tags/v1', true],
  ])('concerns who follows %s when %s moves: %s', (target, ref, concerned) => {
    expect(followsPush(app(target), push(ref))).toBe(concerned)
  })

  it('does not concern another repository, nor paths that are left out', () => {
    expect(followsPush(app('main', 'https://gitlab.example.com/team/other.git'), push('refs/heads/main'))).toBe(false)
    const limited = app('main', undefined, { 'argocd.argoproj.io/manifest-generate-paths': '.;/shared' })
    expect(followsPush(limited, push('refs/heads/main', ['docs/a.md']))).toBe(false)
    expect(followsPush(limited, push('refs/heads/main', ['web/a.yaml']))).toBe(true)
    expect(followsPush(limited, push('refs/heads/main', ['shared/a.yaml']))).toBe(true)
  })
})
