import { describe, expect, it } from 'vitest'
import { applyDefaults, decodeObject } from './index.ts'
import { deployment, resourceOf } from './testing.ts'

const refusal = (kind: string, body: unknown, group?: string): string => {
  const resource = resourceOf(kind, group)
  try {
    decodeObject(resource, body, 'Ignore')
  } catch (error) {
    return (error as Error).message.replace(/^.* cannot be handled as a \w+: /, '')
  }
  return 'accepted'
}

describe('decodeObject', () => {
  it('names unknown fields with their indices, together', () => {
    const body = deployment({ imgae: 'x' }, { replica: 2 })
    expect(() => decodeObject(resourceOf('Deployment'), body, 'Strict')).toThrow(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ' +
        'unknown field "spec.template.spec.containers[0].imgae", unknown field "spec.replica"',
    )
    const { object, warnings } = decodeObject(resourceOf('Deployment'), body, 'Warn')
    expect(warnings).toEqual(['unknown field "spec.template.spec.containers[0].imgae"', 'unknown field "spec.replica"'])
    expect(object['spec'].replica).toBeUndefined()
    expect(decodeObject(resourceOf('Deployment'), body, 'Ignore').warnings).toEqual([])
  })

  it.each([
    [
      'Deployment',
      { spec: { replicas: 'two' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'Deployment',
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'Deployment',
      deployment({ env: [{ name: 'A', value: true }] }),
      'json: cannot unmarshal bool into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
    ],
    [
      'Deployment',
      { spec: [] },
      'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec',
    ],
    [
      'ConfigMap',
      { data: { a: 1 } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      'ConfigMap',
      { metadata: { labels: ['a'] } },
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      'Service',
      { spec: { ports: [{ port: '80' }] } },
      'json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
    ],
    ['Service', { spec: { ports: [{ targetPort: true }] } }, 'json: cannot unmarshal bool into Go value of type int32'],
    ['Secret', { data: { a: 'not base64!' } }, 'illegal base64 data at input byte 3'],
    [
      'Lease',
      { spec: { renewTime: '2026-01-01T00:00:00Z' } },
      'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
    [
      'ConfigMap',
      { metadata: { creationTimestamp: 'noon' } },
      'parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"',
    ],
  ])('refuses a value of the wrong type in %s', (kind, body, text) => {
    expect(refusal(kind, body)).toBe(text)
  })

  it('refuses a quantity that is none, before anything is validated', () => {
    const body = deployment({ resources: { requests: { cpu: 'lots' } } })
    expect(refusal('Deployment', body)).toMatch(/^quantities must match the regular expression/)
  })

  it('takes a body without version and kind, and refuses another kind', () => {
    const { object } = decodeObject(resourceOf('ConfigMap'), { metadata: { name: 'c' } }, 'Strict')
    expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
    expect(refusal('ConfigMap', { apiVersion: 'v1', kind: 'Secret' })).toBe(
      'converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    )
    expect(refusal('ConfigMap', { apiVersion: 'v2', kind: 'ConfigMap' })).toBe(
      'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
    )
    expect(refusal('Deployment', { apiVersion: 'extensions/v1beta1', kind: 'Deployment' })).toBe(
      'the API version in the data (extensions/v1beta1) does not match the expected API version (apps/v1)',
    )
  })

  it('leaves nulls out and does not touch what it was given', () => {
    const body = Object.freeze({ metadata: Object.freeze({ name: 'c', creationTimestamp: null }), data: null })
    expect(decodeObject(resourceOf('ConfigMap'), body, 'Strict').object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
    })
  })

  it('takes well under a millisecond for a Deployment', () => {
    const resource = resourceOf('Deployment')
    const once = () => applyDefaults(resource, decodeObject(resource, deployment(), 'Strict').object)
    for (let at = 0; at < 200; at++) once()
    const start = performance.now()
    for (let at = 0; at < 500; at++) once()
    expect((performance.now() - start) / 500).toBeLessThan(1)
  })
})
