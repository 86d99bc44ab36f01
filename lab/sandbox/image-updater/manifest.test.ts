import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../core/kube-client.ts'
import { applyDefaults, customResource, validate, validateDefinition } from '../kubernetes/kinds/index.ts'
import type { Resource } from '../kubernetes/types.ts'
import { imageUpdaterImage } from './index.ts'

const text = readFileSync(new URL('../../../assets/image-updater/install.yaml', import.meta.url), 'utf8')
const objects = parseAllDocuments(text).map((document) => document.toJS() as KubeObject)
const definition = objects.find(({ kind }) => kind === 'CustomResourceDefinition') as KubeObject
const resource = customResource(definition)[0] as Resource

const updater = (spec: object): KubeObject => ({
  apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
  kind: 'ImageUpdater',
  metadata: { name: 'web', namespace: 'argocd' },
  spec,
})
const problems = (spec: object) =>
  validate(resource, applyDefaults(resource, updater(spec)), undefined).map(({ field }) => field)
const image = { alias: 'app', imageName: 'r.test/web' }

describe('the manifest', () => {
  it('runs the image that is built in', () => {
    const { repository } = imageUpdaterImage({ gitlabUrl: 'http://127.0.0.1:1' })
    const deployment = objects.find(({ kind }) => kind === 'Deployment') as KubeObject
    expect(deployment['spec'].template.spec.containers[0].image).toBe(`${repository}:v1.3.0`)
  })

  it('has a definition that the API server takes', () => {
    expect(validateDefinition({ ...definition, status: { storedVersions: ['v1alpha1'] } })).toEqual([])
  })

  it('gives defaults at every level that is there', () => {
    const images = [
      { ...image, commonUpdateSettings: { allowTags: 'x' } },
      { ...image, alias: 'bare' },
    ]
    const given = { commonUpdateSettings: {}, writeBackConfig: {}, applicationRefs: [{ namePattern: 'web', images }] }
    expect(applyDefaults(resource, updater(given))['spec']).toEqual({
      commonUpdateSettings: { updateStrategy: 'semver', forceUpdate: false },
      writeBackConfig: {},
      applicationRefs: [
        {
          namePattern: 'web',
          useAnnotations: false,
          images: [
            { ...image, commonUpdateSettings: { allowTags: 'x', updateStrategy: 'semver', forceUpdate: false } },
            { ...image, alias: 'bare' },
          ],
        },
      ],
    })
  })

  it.each<[string, object, string[]]>([
    ['a whole one', { applicationRefs: [{ namePattern: 'web', images: [image] }] }, []],
    ['no references', { applicationRefs: [] }, ['spec.applicationRefs']],
    ['no images', { applicationRefs: [{ namePattern: 'web' }] }, ['spec.applicationRefs[0]']],
    ['annotations', { applicationRefs: [{ namePattern: 'web', useAnnotations: true }] }, []],
    [
      'two targets',
      {
        applicationRefs: [
          { namePattern: 'web', images: [{ ...image, manifestTargets: { kustomize: { name: 'a' }, helm: {} } }] },
        ],
      },
      ['spec.applicationRefs[0].images[0].manifestTargets'],
    ],
    [
      'verification without a key',
      { applicationRefs: [{ namePattern: 'web', useAnnotations: true }], imagesVerification: {} },
      ['spec.imagesVerification'],
    ],
    [
      'an unknown method',
      { applicationRefs: [{ namePattern: 'web', useAnnotations: true }], writeBackConfig: { method: 'gitlab' } },
      ['spec.writeBackConfig.method'],
    ],
  ])('%s', (_, spec, fields) => {
    expect(problems(spec)).toEqual(fields)
  })
})
