import { describe, expect, it } from 'vitest'
import type { KubeObject, Resource } from '../../types.ts'
import {
  applyDefaults,
  customResource,
  decodeObject,
  schemaOf,
  selectableFields,
  tableOf,
  validateDefinition,
} from '../index.ts'
import { admit, resourceOf, texts } from '../testing.ts'
import { compareVersions } from './definition.ts'

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      'x-kubernetes-validations': [
        { rule: "self.size <= 5 || self.colour == 'green'", message: 'big gizmos are green' },
        { rule: 'self.size >= oldSelf.size', message: 'a gizmo never shrinks', fieldPath: '.size' },
      ],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 9 },
        colour: { type: 'string', default: 'red', enum: ['red', 'green'] },
        port: { 'x-kubernetes-int-or-string': true },
        when: { type: 'string', format: 'date-time' },
        tag: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        parts: {
          type: 'array',
          maxItems: 3,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['id'],
          items: {
            type: 'object',
            required: ['id'],
            properties: { id: { type: 'string' }, n: { type: 'integer', default: 7, nullable: true } },
          },
        },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
}

const definition = (version: object = {}, spec: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gizmos.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gizmos', kind: 'Gizmo' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    ...spec,
  },
})

const definitions = resourceOf('CustomResourceDefinition')
const gizmos = (version: object = {}): Resource => {
  const { object, errors } = admit(definitions, definition(version))
  expect(errors).toEqual([])
  return customResource(object)[0] as Resource
}
const gizmo = (spec: object, more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Gizmo',
  metadata: { name: 'g' },
  spec,
  ...more,
})
const NOT_CHECKED =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

describe('a custom resource', () => {
  const resource = gizmos({ subresources: { status: {} } })

  it('loses unknown fields, with a warning or an error', () => {
    const body = gizmo({ size: 3, wings: 2, free: { any: 1 } }, { top: 1 })
    const { object, warnings } = decodeObject(resource, body, 'Warn')
    expect(warnings).toEqual(['unknown field "spec.wings"', 'unknown field "top"'])
    expect(object['spec']).toEqual({ size: 3, free: { any: 1 } })
    expect(() => decodeObject(resource, body, 'Strict')).toThrow('strict decoding error: unknown field "spec.wings"')
  })

  it('must say what it is', () => {
    expect(() => decodeObject(resource, { metadata: { name: 'two' }, spec: { size: 3 } }, 'Warn')).toThrow(
      `the object provided is unrecognized (must be of type Gizmo): Object 'Kind' is missing in '{"metadata":{"name":"two"},"spec":{"size":3}}' ({"metadata":{"name":"two"},"sp ...)`,
    )
  })

  it('has its metadata, whether or not its schema asks for them', () => {
    const asking = {
      ...schema,
      required: ['metadata', 'spec'],
      properties: { ...schema.properties, metadata: { type: 'object' } },
    }
    const strict = gizmos({ schema: { openAPIV3Schema: asking } })
    expect(texts(admit(strict, gizmo({ size: 3 })).errors)).toEqual([])
    expect(texts(admit(strict, { ...gizmo({}), spec: undefined }).errors)).toEqual([
      'spec: Required value',
      NOT_CHECKED,
    ])
  })

  it('is selected by the fields that its definition names', () => {
    const selecting = gizmos({ selectableFields: [{ jsonPath: '.spec.size' }, { jsonPath: '.spec.colour' }] })
    expect(selectableFields(selecting, gizmo({ size: 3 }) as KubeObject)).toEqual({
      'metadata.name': 'g',
      'metadata.namespace': '',
      'spec.size': '3',
      'spec.colour': '',
    })
    const errors = (...paths: string[]) =>
      texts(admit(definitions, definition({ selectableFields: paths.map((jsonPath) => ({ jsonPath })) })).errors)
    const field = (at: number) => `spec.versions[0].selectableFields[${at}].jsonPath`
    expect(errors('.spec.size', '.spec.size', '.metadata.name', '.spec.parts', '.spec.nothing')).toEqual([
      `${field(1)}: Duplicate value: ".spec.size"`,
      `${field(2)}: Invalid value: ".metadata.name": must not point to fields in metadata`,
      `${field(3)}: Invalid value: ".spec.parts": must point to a field of type boolean, integer, string`,
      `${field(4)}: Invalid value: ".spec.nothing": is an invalid path: does not refer to a valid field`,
    ])
  })

  it('must be what it is sent as', () => {
    const of = (more: object) => () => decodeObject(resource, { ...gizmo({ size: 3 }), ...more }, 'Warn')
    expect(of({ apiVersion: 'example.com/v2' })).toThrow(
      'the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)',
    )
    expect(of({ kind: 'Gadget' })).toThrow('the kind in the data (Gadget) does not match the expected kind (Gizmo)')
  })

  it('gets defaults, in place of null too, but not where null is allowed', () => {
    const body = gizmo({ size: 3, colour: null, parts: [{ id: 'a' }, { id: 'b', n: null }] })
    expect(applyDefaults(resource, decodeObject(resource, body, 'Strict').object)['spec']).toEqual({
      size: 3,
      colour: 'red',
      parts: [
        { id: 'a', n: 7 },
        { id: 'b', n: null },
      ],
    })
  })

  it.each([
    [
      { size: 30, colour: 'green' },
      ['spec.size: Invalid value: 30: spec.size in body should be less than or equal to 9'],
    ],
    [{}, ['spec.size: Required value', NOT_CHECKED]],
    [
      { size: 3, colour: 'blue' },
      ['spec.colour: Unsupported value: "blue": supported values: "red", "green"', NOT_CHECKED],
    ],
    [
      { size: 3, port: {} },
      ['spec.port: Invalid value: "object": spec.port in body must be of type integer,string: "object"', NOT_CHECKED],
    ],
    [
      { size: 3, when: 'noon' },
      ['spec.when: Invalid value: "noon": spec.when in body must be of type date-time: "noon"', NOT_CHECKED],
    ],
    [{ size: 3, tag: 'B' }, ['spec.tag: Invalid value: "B": spec.tag in body should match \'^[a-z]+$\'']],
    [{ size: 3, tag: 'toolong' }, ['spec.tag: Too long: may not be more than 5 bytes', NOT_CHECKED]],
    [
      { size: 3, labels: { a: 1 } },
      ['spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"', NOT_CHECKED],
    ],
    [
      { size: 3, parts: [{ n: 1 }, { id: 'q' }, { id: 'q' }, { id: 'r' }] },
      [
        'spec.parts[0].id: Required value',
        'spec.parts: Too many: 4: must have at most 3 items',
        'spec.parts[2]: Duplicate value: {"id":"q"}',
        NOT_CHECKED,
      ],
    ],
    [
      { size: 1.5 },
      [
        'spec.size: Invalid value: "number": spec.size in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.size',
        NOT_CHECKED,
      ],
    ],
    [{ size: 7 }, ['spec: Invalid value: big gizmos are green']],
    [{ size: 7, colour: 'green', port: 'http' }, []],
  ])('is judged by its schema: %j', (spec, expected) => {
    expect(texts(admit(resource, gizmo(spec)).errors)).toEqual(expected)
  })

  it('is compared with what it was by rules that say so', () => {
    const old = admit(resource, gizmo({ size: 3 })).object
    expect(texts(admit(resource, gizmo({ size: 2 }), old).errors)).toEqual([
      'spec.size: Invalid value: a gizmo never shrinks',
    ])
    expect(admit(resource, gizmo({ size: 4 }), old).errors).toEqual([])
  })

  it('keeps its status when the main resource is written', () => {
    const old = { ...admit(resource, gizmo({ size: 3 })).object, status: { phase: 'Ready' } }
    const { object } = admit(resource, gizmo({ size: 4 }, { status: { phase: 'No' } }), old)
    expect(object['status']).toEqual({ phase: 'Ready' })
    expect(admit(resource, gizmo({ size: 4 }, { status: { phase: 'No' } })).object['status']).toBeUndefined()
  })

  it('has a shape for server-side apply', () => {
    const spec = schemaOf(resource)?.fields?.['spec']
    expect(spec?.fields?.['parts']).toMatchObject({ type: 'array', list: 'map', listKeys: ['id'] })
    expect(spec?.fields?.['free']).toMatchObject({ preserveUnknown: true })
    expect(spec?.fields?.['port']).toEqual({ type: 'int-or-string' })
    expect(schemaOf(resource)?.fields?.['metadata']?.fields?.['labels']).toBeDefined()
  })

  it('is printed in the columns of its definition', () => {
    const additionalPrinterColumns = [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase', priority: 1, description: 'where it is' },
    ]
    const table = tableOf(gizmos({ additionalPrinterColumns }), [gizmo({ size: 3 }) as KubeObject], 0)
    expect(table.columnDefinitions.map(({ name, description }) => [name, description]).slice(1)).toEqual([
      ['Size', 'Custom resource definition column (in JSONPath format): .spec.size'],
      ['Phase', 'where it is'],
    ])
    expect(table.rows).toEqual([{ cells: ['g', 3, null] }])
    expect(tableOf(resource, [gizmo({}) as KubeObject], 0).columnDefinitions.map(({ name }) => name)).toEqual([
      'Name',
      'Age',
    ])
  })
})

describe('a CustomResourceDefinition', () => {
  const errorsOf = (version: object, spec: object = {}) => texts(admit(definitions, definition(version, spec)).errors)

  it('gets names, a conversion and its stored version', () => {
    const { object } = admit(definitions, definition())
    expect(object['spec']).toMatchObject({
      conversion: { strategy: 'None' },
      names: { singular: 'gizmo', listKind: 'GizmoList' },
    })
    expect(object['status']).toEqual({
      acceptedNames: { kind: '', plural: '' },
      conditions: null,
      storedVersions: ['v1'],
    })
  })

  it('must be named after its plural and group', () => {
    const { object } = admit(definitions, definition())
    expect(texts(validateDefinition({ ...object, metadata: { name: 'wrong.example.com' } }))).toEqual([
      'metadata.name: Invalid value: "wrong.example.com": must be spec.names.plural+"."+spec.group',
    ])
  })

  it('must have a structural schema', () => {
    const nested = { type: 'object', properties: { spec: { properties: { a: { type: 'string' } } } } }
    expect(errorsOf({ schema: { openAPIV3Schema: nested } })).toEqual([
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    ])
    expect(errorsOf({ schema: { openAPIV3Schema: { type: 'thing' } }, subresources: { status: {} } })).toEqual([
      'spec.validation.openAPIV3Schema.type: Invalid value: "thing": only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      'spec.validation.openAPIV3Schema.type: Invalid value: "thing": must be object at the root',
      'spec.validation.openAPIV3Schema.type: Unsupported value: "thing": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ])
  })

  it('is refused with a rule, a column or a conversion that cannot be had', () => {
    const withRule = (rule: string) => ({
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-validations': [{ rule }] } },
    })
    expect(errorsOf(withRule('self.a <= '))[0]).toContain('compilation failed')
    expect(errorsOf(withRule('quantity(self.a).isGreaterThan(quantity("1"))'))[0]).toContain('compilation failed')
    expect(errorsOf(withRule('self.items.all(i, i.startsWith("a")) && has(self.b)'))).toEqual([])
    expect(errorsOf({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a[' }] })[0]).toContain(
      'is an invalid jsonpath',
    )
    expect(errorsOf({}, { conversion: { strategy: 'Webhook' } })[0]).toContain(
      'conversion by a webhook is not supported',
    )
  })

  it('serves its versions, the preferred one first, and tells which is deprecated', () => {
    const version = (name: string, more: object = {}) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object' } },
      ...more,
    })
    const versions = [version('v1alpha1', { deprecated: true }), version('v1beta1', { served: false }), version('v1')]
    const served = customResource(admit(definitions, definition({}, { versions })).object)
    expect(served.map((one) => one.version)).toEqual(['v1', 'v1alpha1'])
    expect(served[1]?.custom?.deprecationWarning).toBe(
      'example.com/v1alpha1 Gizmo is deprecated; use example.com/v1 Gizmo',
    )
    expect(['v1beta2', 'v10', 'foo', 'v1', 'v2alpha1', 'v2beta1'].sort(compareVersions)).toEqual([
      'v10',
      'v1',
      'v2beta1',
      'v1beta2',
      'v2alpha1',
      'foo',
    ])
  })
})
