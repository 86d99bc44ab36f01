import { describe, expect, it } from 'vitest'
import { applyDefaults, convert, decodeObject } from './index.ts'
import { resourceOf } from './testing.ts'

describe('convert', () => {
  it('shows an event in either shape', () => {
    const core = resourceOf('Event', '')
    const modern = resourceOf('Event', 'events.k8s.io')
    const body = {
      metadata: { name: 'ev.1', namespace: 'n' },
      involvedObject: { kind: 'Pod', name: 'p' },
      reason: 'Tested',
      message: 'a test',
      type: 'Normal',
      count: 2,
      source: { component: 'golden' },
    }
    const event = applyDefaults(core, decodeObject(core, body, 'Strict').object)
    const shown = convert(modern, event)
    expect(shown).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      note: 'a test',
      regarding: { name: 'p' },
      deprecatedCount: 2,
    })
    expect(shown['involvedObject']).toBeUndefined()
    expect(shown['reportingController']).toBeUndefined()
    expect(convert(core, shown)).toEqual(event)
  })

  it('shows an autoscaler in either version', () => {
    const [v2, v1] = [
      resourceOf('HorizontalPodAutoscaler'),
      { ...resourceOf('HorizontalPodAutoscaler'), version: 'v1' },
    ]
    const body = {
      metadata: { name: 'h' },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' }, targetCPUUtilizationPercentage: 70 },
    }
    const old = applyDefaults(v1, decodeObject(v1, body, 'Strict').object)
    const converted = convert(v2, old)
    expect(converted['spec'].metrics).toEqual([
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    ])
    expect(convert(v1, converted)['spec']).toEqual(old['spec'])
  })
})
