import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { parseAdvertisement } from '../../core/git-remote.ts'
import type { Names } from '../../core/names.ts'
import { isManifest, objectsIn } from './directory.ts'
import { editKustomization, parseImage } from './kustomize.ts'
import { listRefs, peeled, resolveRevision } from './refs.ts'
import { explainYaml, parseYaml } from './yaml.ts'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

const commit = (digit: string) => digit.repeat(40)
const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`
const advertisement =
  line('# service=git-upload-pack\n') +
  '0000' +
  line(`${commit('a')} HEAD\0multi_ack symref=HEAD:refs/heads/main\n`) +
  line(`${commit('f')} refs/heads/1.x\n`) +
  line(`${commit('f')} refs/heads/2.x\n`) +
  line(`${commit('b')} refs/heads/feature/x\n`) +
  line(`${commit('a')} refs/heads/main\n`) +
  line(`${commit('c')} refs/tags/v1.2.0\n`) +
  line(`${commit('d')} refs/tags/v1.2.0^{}\n`) +
  line(`${commit('e')} refs/tags/v1.3.0\n`) +
  '0000'

describe('revisions', () => {
  const refs = peeled(parseAdvertisement(Buffer.from(advertisement)))

  it.each([
    ['', 'a'],
    ['HEAD', 'a'],
    ['main', 'a'],
    ['feature/x', 'b'],
    ['refs/heads/main', 'a'],
    ['v1.2.0', 'd'],
    ['~1.2', 'd'],
    ['^1.0.0', 'e'],
    ['1.x', 'e'],
    ['>=1.2, !=1.3.0', 'd'],
    ['2.x', 'f'],
  ])('%j is the commit of %ss', (revision, digit) => {
    expect(resolveRevision(refs, revision)).toBe(commit(digit))
  })

  it('are told when there are none', () => {
    expect(() => resolveRevision(refs, 'release')).toThrow("unable to resolve 'release' to a commit SHA")
    expect(resolveRevision(refs, 'abcdef12')).toBe('abcdef12')
  })

  const answering = (status: number, body: string): Names => ({
    resolve: async () => undefined,
    fetch: async () =>
      new Response(body, { status, headers: { 'content-type': 'application/x-git-upload-pack-advertisement' } }),
  })
  const url = 'http://git.example.com/a.git'

  it.each([
    [404, 'gone', 'failed to list refs: repository not found: gone'],
    [401, 'HTTP Basic: Access denied\n', 'failed to list refs: authentication required: HTTP Basic: Access denied\n'],
    [
      200,
      `${line('# service=git-upload-pack\n')}0000${line(`${commit('0')} capabilities^{}\0x`)}0000`,
      'failed to list refs: remote repository is empty',
    ],
  ])('a server that answers %s', async (status, body, message) => {
    await expect(listRefs(answering(status, body), { url })).rejects.toThrow(message)
  })
})

describe('manifests', () => {
  it.each([
    ['a.yaml', {}, true],
    ['a.txt', {}, false],
    ['a.json', { exclude: '*.json' }, false],
    ['sub/a.yaml', { include: '{*.yaml,*.yml}' }, true],
    ['config.yaml', { include: 'app-*' }, false],
  ])('%s with %j is read: %s', (path, options, read) => {
    expect(isManifest(path, options)).toBe(read)
  })

  it('takes lists apart and leaves out what has no kind', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
    }
    expect(objectsIn([list, { replicas: 3 }, 'text']).map((object) => object.metadata.name)).toEqual(['a'])
  })

  const broken = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n data: {}\n'

  it('leaves empty documents out, and what does not parse alone', () => {
    expect(parseYaml('a: 1\n---\n')).toEqual([{ a: 1 }])
    expect(parseYaml(broken)).toBeUndefined()
  })

  it.skipIf(!hasKubectl)('says why YAML does not parse, in the words of the kustomize in kubectl', async () => {
    expect(await explainYaml('kubectl', broken)).toBe('yaml: line 4: did not find expected key')
  })
})

describe('kustomize edits', () => {
  it.each([
    ['api', { name: 'api' }],
    ['api:1', { name: 'api', newTag: '1' }],
    ['registry:5000/api:1', { name: 'registry:5000/api', newTag: '1' }],
    ['api=registry.example.com/api:2', { name: 'api', newName: 'registry.example.com/api', newTag: '2' }],
    ['api@sha256:abc', { name: 'api', digest: 'sha256:abc' }],
  ])('image %s', (text, image) => {
    expect(parseImage(text)).toEqual(image)
  })

  it('change the kustomization', () => {
    const kustomization = {
      resources: ['a.yaml'],
      images: [{ name: 'api', newName: 'old', newTag: '1' }],
      commonLabels: { a: 'b' },
    }
    expect(
      editKustomization(
        kustomization,
        {
          namePrefix: 'dev-',
          images: ['api=new:2', 'side:3'],
          replicas: [{ name: 'web', count: '2' }],
          commonLabels: { c: 'd' },
          commonAnnotations: { app: '$' + '{ARGOCD_APP_NAME}' },
          commonAnnotationsEnvsubst: true,
        },
        { ARGOCD_APP_NAME: 'web' },
      ),
    ).toEqual({
      resources: ['a.yaml'],
      namePrefix: 'dev-',
      images: [
        { name: 'api', newName: 'new', newTag: '2' },
        { name: 'side', newTag: '3' },
      ],
      replicas: [{ name: 'web', count: 2 }],
      commonLabels: { a: 'b', c: 'd' },
      commonAnnotations: { app: 'web' },
    })
    expect(() => editKustomization(kustomization, { commonLabels: { a: 'c' } })).toThrow(
      /already in kustomization file/,
    )
  })
})
