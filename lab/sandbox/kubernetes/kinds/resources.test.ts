import { describe, expect, it } from 'vitest'
import { schemaOf, storageOf } from './index.ts'
import { builtInResources } from './resources.ts'
import { resourceOf } from './testing.ts'

describe('built-in resources', () => {
  it('have a schema each, in which recursion ends in the same value', () => {
    for (const resource of builtInResources) expect(schemaOf(resource)?.fields, resource.plural).toBeDefined()
    const props = schemaOf(resourceOf('CustomResourceDefinition'))?.fields?.['spec']?.fields?.['versions']?.items
    const schema = props?.fields?.['schema']?.fields?.['openAPIV3Schema']
    expect(schema?.fields?.['not']).toBe(schema)
  })

  it('know how lists merge', () => {
    const pod = schemaOf(resourceOf('Pod'))?.fields?.['spec']?.fields
    expect(pod?.['containers']).toMatchObject({ list: 'map', listKeys: ['name'], mergeKey: 'name' })
    expect(pod?.['containers']?.items?.fields?.['ports']).toMatchObject({
      listKeys: ['containerPort', 'protocol'],
      mergeKey: 'containerPort',
    })
    expect(pod?.['tolerations']?.list).toBeUndefined()
    expect(schemaOf(resourceOf('Service'))?.fields?.['spec']?.fields?.['selector']).toMatchObject({ atomic: true })
    expect(schemaOf(resourceOf('Pod'))?.fields?.['metadata']?.fields?.['finalizers']).toMatchObject({
      list: 'set',
      mergeScalars: true,
    })
  })

  it('prefer the newer autoscaler and keep both shapes of events in one store', () => {
    expect(resourceOf('HorizontalPodAutoscaler').version).toBe('v2')
    expect(storageOf(resourceOf('Event', 'events.k8s.io'))).toBe(storageOf(resourceOf('Event', '')))
  })
})
