import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { listFacts } from './lists.ts'
import { modelOf } from './model.ts'
import { enums, quantities } from './scalars.ts'
import generated from './schemas.generated.json' with { type: 'json' }
import { shapeNames, shapeOf } from './shapes.ts'

const root = new URL('../../../../../', import.meta.url)

const fieldsByType = (): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>()
  for (const key of Object.keys(generated.types)) {
    const { name, fields } = modelOf(key)
    found.set(name, new Set([...(found.get(name) ?? []), ...fields.keys()]))
  }
  return found
}

describe('the schemas of the client', () => {
  it('are those that scripts/kinds.mjs writes', async () => {
    const script = new URL('scripts/kinds.mjs', root).href
    const { generate } = (await import(/* @vite-ignore */ script)) as { generate: () => Promise<string> }
    const file = readFileSync(new URL('schemas.generated.json', import.meta.url), 'utf8')
    expect((await generate()) === file, 'out of date: run node scripts/kinds.mjs').toBe(true)
  })

  it('have every field that the tables of facts speak of', () => {
    const known = fieldsByType()
    const facts = [...Object.keys(listFacts), ...quantities, ...Object.keys(enums)]
    const newer = ['PodStatus.observedGeneration']
    const unknown = facts.filter((fact) => {
      const [type = '', field = ''] = fact.split(/\.(.*)/)
      return !known.get(type)?.has(field) && !newer.includes(fact)
    })
    expect(unknown).toEqual([])
  })

  it('have the fields of every shape, but for embedded structs and fields since retired', () => {
    const names = new Set(Object.keys(generated.types))
    const retired = new Set(['resize', 'deprecatedTopology'])
    for (const shape of shapeNames()) {
      const key = names.has(shape) ? shape : `V1${shape}`
      if (!names.has(key)) continue
      const { fields } = modelOf(key)
      const missing = shapeOf(shape)?.filter(
        ({ name, embedded }) => !embedded && !fields.has(name) && !retired.has(name),
      )
      expect(
        missing?.map(({ name }) => name),
        shape,
      ).toEqual([])
    }
  })
})
