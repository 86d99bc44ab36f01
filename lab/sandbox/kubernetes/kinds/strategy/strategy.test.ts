import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../types.ts'
import { prepare } from '../index.ts'
import { admit, deployment, resourceOf, texts } from '../testing.ts'

describe('prepare', () => {
  const resource = resourceOf('Deployment')
  const old: KubeObject = { ...admit(resource, deployment()).object, status: { replicas: 1 } }

  it('takes no status at creation and keeps the old one at an update', () => {
    expect(admit(resource, { ...deployment(), status: { replicas: 9 } }).object['status']).toEqual({})
    expect(admit(resource, { ...deployment(), status: { replicas: 9 } }, old).object['status']).toEqual({ replicas: 1 })
  })

  it('takes nothing but status, labels and annotations in a write to the status', () => {
    const given = {
      ...old,
      metadata: { ...old.metadata, annotations: { from: 'status' }, finalizers: ['a/b'] },
      spec: { ...old['spec'], replicas: 7 },
      status: { replicas: 3 },
    }
    const result = prepare(resource, given, old, 'status')
    expect(result['spec']).toEqual(old['spec'])
    expect(result['status']).toEqual({ replicas: 3 })
    expect(result.metadata.annotations).toEqual({ from: 'status' })
    expect(result.metadata.finalizers).toBeUndefined()
  })

  describe('of a Service', () => {
    const service = resourceOf('Service')
    const body = (spec: object) => ({ metadata: { name: 's' }, spec: { ports: [{ port: 80 }], ...spec } })
    const created = admit(service, body({ type: 'NodePort' })).object
    const allocated = {
      ...created,
      spec: {
        ...created['spec'],
        clusterIP: '10.96.0.7',
        clusterIPs: ['10.96.0.7'],
        ports: [{ ...created['spec'].ports[0], nodePort: 30080 }],
      },
    }

    it('keeps what was allocated when an update leaves it out', () => {
      const { object, errors } = admit(service, body({ type: 'NodePort' }), allocated)
      expect(errors).toEqual([])
      expect(object['spec']).toMatchObject({
        clusterIP: '10.96.0.7',
        clusterIPs: ['10.96.0.7'],
        ports: [{ nodePort: 30080 }],
      })
    })

    it('drops node ports with the type that has them', () => {
      const spec = { ...allocated['spec'], type: 'ClusterIP' }
      const { object, errors } = admit(service, { metadata: { name: 's' }, spec }, allocated)
      expect(errors).toEqual([])
      expect(object['spec'].ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }])
      expect(object['spec'].externalTrafficPolicy).toBeUndefined()
    })

    it('refuses another address', () => {
      const spec = { ...allocated['spec'], clusterIP: '10.96.9.9' }
      expect(texts(admit(service, { metadata: { name: 's' }, spec }, allocated).errors)).toEqual([
        'spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set',
      ])
    })
  })
})
