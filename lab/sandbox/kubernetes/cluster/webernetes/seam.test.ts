import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../core/errors.ts'
import { modified } from '../../api/registry/errors.ts'
import { parseMethod } from './api.ts'
import { engineError, fromEngine, toEngine } from './seam.ts'

describe('the seam to webernetes', () => {
  it('turns times into dates, apart from free maps, and back', () => {
    const time = '2026-01-01T00:00:00Z'
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', creationTimestamp: time, labels: { startTime: time }, managedFields: [] },
      status: { startTime: time },
    }
    const inside = toEngine(object)
    expect(inside['status'].startTime).toEqual(new Date(time))
    expect(inside.metadata.labels).toEqual({ startTime: time })
    expect(inside.metadata.managedFields).toBeUndefined()
    expect(fromEngine({ startTime: new Date('2026-01-01T00:00:00.123Z'), a: undefined, finalizers: [] })).toEqual({
      startTime: time,
    })
  })

  it.each([
    ['listPodForAllNamespaces', { verb: 'list', kind: 'Pod', subresource: undefined }],
    ['replaceNamespacedReplicaSetStatus', { verb: 'replace', kind: 'ReplicaSet', subresource: 'status' }],
    ['readNode', { verb: 'read', kind: 'Node', subresource: undefined }],
  ])('reads %s', (method, parsed) => {
    expect(parseMethod(method)).toEqual(parsed)
  })

  it('gives errors the shape that webernetes looks for', () => {
    const shape = { name: 'AlreadyExists', code: 409 }
    expect(engineError(new ApiError(409, 'no', { reason: 'AlreadyExists' }))).toMatchObject(shape)
  })

  it('keeps its controllers from sending again what was out of date', () => {
    const error = engineError(modified({ plural: 'pods', group: '' }, 'p'))
    expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining('has been modified') })
    expect(error).not.toHaveProperty('code')
  })
})
