import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../types.ts'
import { environmentOf, expand, parseQuantity } from './environment.ts'

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'demo', labels: { app: 'x' } },
  spec: { nodeName: 'node-1', containers: [] },
}
const objects: Record<string, KubeObject> = {
  'configmaps/c': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1', 'bad key!': '2' } },
  'secrets/s': { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { p: 'czNjcmV0' } },
}
const service = (name: string, namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }] },
})
const environment = (container: object) =>
  environmentOf({
    pod,
    container,
    podIp: '10.244.0.5',
    hostIp: '192.168.1.1',
    services: [service('my-web', 'demo'), service('other', 'elsewhere')],
    find: (plural, name) => objects[`${plural}/${name}`],
  })

describe('the environment of a container', () => {
  it('has values, references, sources and Services', () => {
    const env = [
      { name: 'PLAIN', value: 'v' },
      { name: 'MADE', value: '$(PLAIN)/$(NONE)/$$(PLAIN)' },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'p' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'LABEL', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'GONE', valueFrom: { configMapKeyRef: { name: 'none', key: 'a', optional: true } } },
      { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    ]
    const resources = { limits: { memory: '64Mi' } }
    const found = environment({ env, envFrom: [{ prefix: 'C_', configMapRef: { name: 'c' } }], resources })
    expect(found).toMatchObject({
      HOSTNAME: 'p',
      PLAIN: 'v',
      MADE: 'v/$(NONE)/$(PLAIN)',
      SECRET: 's3cret',
      IP: '10.244.0.5',
      LABEL: 'x',
      LIMIT: '64',
      C_a: '1',
      MY_WEB_SERVICE_HOST: '10.96.0.7',
      MY_WEB_SERVICE_PORT_HTTP: '80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.7:80',
    })
    expect(Object.keys(found)).not.toContain('GONE')
    expect(Object.keys(found)).not.toContain('C_bad key!')
    expect(Object.keys(found)).not.toContain('OTHER_SERVICE_HOST')
  })

  it.each([
    [{ configMapKeyRef: { name: 'none', key: 'a' } }, 'configmap "none" not found'],
    [{ secretKeyRef: { name: 's', key: 'x' } }, "couldn't find key x in Secret demo/s"],
    [{ fieldRef: { fieldPath: 'spec.containers' } }, 'field label not supported'],
  ])('refuses %j', (valueFrom, message) => {
    expect(() => environment({ env: [{ name: 'A', valueFrom }] })).toThrow(message)
  })

  it('expands and measures', () => {
    expect(expand('$(A)$(B)', { A: '1' })).toBe('1$(B)')
    expect(parseQuantity('100m')).toBeCloseTo(0.1)
    expect(parseQuantity('2Gi')).toBe(2 ** 31)
  })
})
