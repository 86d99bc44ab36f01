import { describe, expect, it } from 'vitest'
import * as kinds from '../../kinds/index.ts'
import { testRegistry } from '../testing.ts'

const pod = (name: string, resources: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'app', resources }] },
})
const range = (item: object) => ({ metadata: { name: 'limits' }, spec: { limits: [{ type: 'Container', ...item }] } })
const quota = (hard: object) => ({ metadata: { name: 'q' }, spec: { hard } })

describe('limit ranges', () => {
  it('fill in what a Pod leaves out, and say so', () => {
    const { create } = testRegistry(kinds)
    create('limitranges', range({ default: { cpu: '200m' }, defaultRequest: { cpu: '100m' } }))
    const made = create('pods', pod('p'))
    expect(made['spec'].containers[0].resources).toEqual({ limits: { cpu: '200m' }, requests: { cpu: '100m' } })
    expect(made.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container main; cpu limit for container main',
    })
  })

  it.each([
    [{ max: { cpu: '1' } }, { limits: { cpu: '3' } }, 'maximum cpu usage per Container is 1, but limit is 3'],
    [{ min: { cpu: '10m' } }, { requests: { cpu: '1m' } }, 'minimum cpu usage per Container is 10m, but request is 1m'],
    [
      { maxLimitRequestRatio: { memory: '2' } },
      { requests: { memory: '1Gi' }, limits: { memory: '3Gi' } },
      'memory max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
  ])('%j refuses %j', (item, resources, message) => {
    const { create } = testRegistry(kinds)
    create('limitranges', range(item))
    expect(() => create('pods', pod('p', resources))).toThrow(`pods "p" is forbidden: ${message}`)
  })
})

describe('quotas', () => {
  it('count objects', () => {
    const { create } = testRegistry(kinds)
    create('resourcequotas', quota({ configmaps: '1', 'count/deployments.apps': '0' }))
    create('configmaps', { metadata: { name: 'a' } })
    expect(() => create('configmaps', { metadata: { name: 'b' } })).toThrow(
      'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    )
  })

  it('sum up what Pods ask for, and insist that they do', () => {
    const { create } = testRegistry(kinds)
    create('resourcequotas', quota({ 'requests.cpu': '150m', 'limits.memory': '1Gi' }))
    const resources = { requests: { cpu: '100m' }, limits: { memory: '100Mi' } }
    create('pods', pod('first', resources))
    expect(() => create('pods', pod('second', resources))).toThrow(
      'exceeded quota: q, requested: requests.cpu=100m, used: requests.cpu=100m, limited: requests.cpu=150m',
    )
    expect(() => create('pods', pod('third', { requests: { cpu: '1m' } }))).toThrow(
      'failed quota: q: must specify limits.memory for: main',
    )
  })
})
