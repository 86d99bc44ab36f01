import { messageOf } from '../../../core/errors.ts'
import type { FieldError, KubeObject } from '../../types.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts'
import { goJson } from '../go-json.ts'
import type { Json } from '../normalize.ts'
import { jsonPath } from '../printing/json-path.ts'
import { labelMessages, subdomainMessages } from '../validation/names.ts'
import { schemaErrors } from './validate-schema.ts'

/** A version as Go prints it: every field, in the names and the order of the internal type. */
const internalVersion = (version: Json): Json => ({
  Name: version.name ?? '',
  Served: version.served ?? false,
  Storage: version.storage ?? false,
  Deprecated: version.deprecated ?? false,
  DeprecationWarning: version.deprecationWarning ?? null,
  Schema: version.schema ?? null,
  Subresources: version.subresources ?? null,
  AdditionalPrinterColumns: version.additionalPrinterColumns ?? null,
  SelectableFields: version.selectableFields ?? null,
})

/** What is wrong with a CustomResourceDefinition. Defaults must have been applied. */
export function validateDefinition(definition: KubeObject): FieldError[] {
  const spec: Json = definition['spec'] ?? {}
  const names: Json = spec.names ?? {}
  const versions: Json[] = spec.versions ?? []
  const errors: FieldError[] = []
  if (definition.metadata.name !== `${names.plural ?? ''}.${spec.group ?? ''}`) {
    errors.push(invalid('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group'))
  }
  errors.push(...groupErrors(spec.group))
  if (!spec.scope) errors.push(required('spec.scope'))
  else if (!['Cluster', 'Namespaced'].includes(spec.scope)) {
    errors.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']))
  }
  errors.push(...versionErrors(versions))
  if (versions.filter((version) => version.storage).length !== 1) {
    errors.push({
      field: 'spec.versions',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${versions.length > 0 ? JSON.stringify(versions.map(internalVersion)) : 'null'}: must have exactly one version marked as storage version`,
    })
  }
  errors.push(...nameErrors(names), ...schemasErrors(versions), ...conversionErrors(spec.conversion))
  if (spec.preserveUnknownFields) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(invalid('spec.preserveUnknownFields', true, detail))
  }
  if (!definition['status']?.storedVersions?.length) {
    errors.push(invalid('status.storedVersions', null, 'must have at least one stored version'))
  }
  return errors
}

/** What may not change once a CustomResourceDefinition is established. */
export function validateDefinitionUpdate(definition: KubeObject, old: KubeObject): FieldError[] {
  const errors = validateDefinition(definition)
  const established = (old['status']?.conditions ?? []).some(
    (condition: Json) => condition.type === 'Established' && condition.status === 'True',
  )
  const immutable = (field: string, value: unknown, before: unknown) => {
    if (goJson(value) !== goJson(before)) errors.push(invalid(`spec.${field}`, value, 'field is immutable'))
  }
  if (established) {
    immutable('scope', definition['spec'].scope, old['spec'].scope)
    immutable('names.kind', definition['spec'].names.kind, old['spec'].names.kind)
  }
  immutable('names.plural', definition['spec'].names.plural, old['spec'].names.plural)
  immutable('group', definition['spec'].group, old['spec'].group)
  return errors
}

function groupErrors(group: string | undefined): FieldError[] {
  if (!group) return [required('spec.group')]
  const errors = subdomainMessages(group).map((text) => invalid('spec.group', group, text))
  if (errors.length > 0) return errors
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')]
}

function versionErrors(versions: readonly Json[]): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  versions.forEach((version, at) => {
    const path = `spec.versions[${at}]`
    if (seen.has(version.name)) errors.push(duplicate(`${path}.name`, version.name))
    seen.add(version.name)
    for (const text of labelMessages(version.name ?? '', '1035'))
      errors.push(invalid(`${path}.name`, version.name, text))
    if (version.deprecationWarning && !version.deprecated) {
      errors.push(
        invalid(`${path}.deprecationWarning`, version.deprecationWarning, 'can only be set for deprecated versions'),
      )
    }
    if (!version.schema?.openAPIV3Schema) errors.push(required(`${path}.schema.openAPIV3Schema`))
    errors.push(...columnErrors(version.additionalPrinterColumns ?? [], `${path}.additionalPrinterColumns`))
    errors.push(...scaleErrors(version.subresources?.scale, `${path}.subresources.scale`))
    errors.push(...selectableErrors(version, `${path}.selectableFields`))
  })
  return errors
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']

const columnErrors = (columns: readonly Json[], path: string): FieldError[] =>
  columns.flatMap(({ name, type, jsonPath: where }, at) => [
    ...(name ? [] : [required(`${path}[${at}].name`)]),
    ...(type
      ? COLUMN_TYPES.includes(type)
        ? []
        : [invalid(`${path}[${at}].type`, type, `must be one of ${COLUMN_TYPES.join(',')}`)]
      : [required(`${path}[${at}].type`, `must be one of ${COLUMN_TYPES.join(',')}`)]),
    ...(where ? pathErrors(where, `${path}[${at}].jsonPath`) : [required(`${path}[${at}].jsonPath`)]),
  ])

function pathErrors(where: string, field: string): FieldError[] {
  try {
    jsonPath(where, {})
    return []
  } catch (error) {
    return [invalid(field, where, `is an invalid jsonpath: ${messageOf(error)}`)]
  }
}

const SELECTABLE_TYPES = ['boolean', 'integer', 'string']

/** Selectable fields are single values of a plain type, outside of metadata, each named once. */
function selectableErrors({ selectableFields = [], schema }: Json, path: string): FieldError[] {
  const seen = new Set<string>()
  return selectableFields.flatMap(({ jsonPath: where = '' }: Json, at: number): FieldError[] => {
    const field = `${path}[${at}].jsonPath`
    if (!where) return [required(field)]
    if (seen.has(where)) return [duplicate(field, where)]
    seen.add(where)
    const names: string[] = where.split('.')
    if (names[0] !== '' || names.length < 2) return [invalid(field, where, 'is an invalid path: must be a json path')]
    if (names[1] === 'metadata') return [invalid(field, where, 'must not point to fields in metadata')]
    const found = names.slice(1).reduce((inner: Json, name) => inner?.properties?.[name], schema?.openAPIV3Schema)
    if (!found) return [invalid(field, where, 'is an invalid path: does not refer to a valid field')]
    if (SELECTABLE_TYPES.includes(found.type)) return []
    return [invalid(field, where, `must point to a field of type ${SELECTABLE_TYPES.join(', ')}`)]
  })
}

function scaleErrors(scale: Json, path: string): FieldError[] {
  if (!scale) return []
  const check = (field: string, prefix: string, needed: boolean): FieldError[] => {
    const value = scale[field]
    if (!value) return needed ? [required(`${path}.${field}`)] : []
    return value.startsWith(prefix) ? [] : [invalid(`${path}.${field}`, value, `should be a json path under ${prefix}`)]
  }
  return [
    ...check('specReplicasPath', '.spec', true),
    ...check('statusReplicasPath', '.status', true),
    ...(scale.labelSelectorPath && !/^\.(spec|status)\./.test(scale.labelSelectorPath)
      ? [
          invalid(
            `${path}.labelSelectorPath`,
            scale.labelSelectorPath,
            'should be a json path under either .spec or .status',
          ),
        ]
      : []),
  ]
}

function nameErrors(names: Json): FieldError[] {
  const errors: FieldError[] = []
  const check = (field: string, value: string) => {
    if (!value) errors.push(required(`spec.names.${field}`))
    else
      for (const text of labelMessages(value, '1035')) errors.push(invalid(`spec.names.${field}`, names[field], text))
  }
  check('plural', names.plural ?? '')
  check('singular', names.singular ?? '')
  check('kind', (names.kind ?? '').toLowerCase())
  check('listKind', (names.listKind ?? '').toLowerCase())
  ;(names.shortNames ?? []).forEach((name: string, at: number) => {
    for (const text of labelMessages(name, '1035')) errors.push(invalid(`spec.names.shortNames[${at}]`, name, text))
  })
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  }
  return errors
}

/** Schemas that are the same in all versions are reported once, in the place where they used to be. */
function schemasErrors(versions: readonly Json[]): FieldError[] {
  const schemas = versions.map((version) => version.schema?.openAPIV3Schema)
  const status = versions.map((version) => Boolean(version.subresources?.status))
  if (schemas.length === 0) return []
  const shared = schemas.every((schema, at) => goJson(schema) === goJson(schemas[0]) && status[at] === status[0])
  if (shared) {
    return schemas[0] ? schemaErrors(schemas[0], 'spec.validation.openAPIV3Schema', status[0] ?? false) : []
  }
  return schemas.flatMap((schema, at) =>
    schema ? schemaErrors(schema, `spec.versions[${at}].schema.openAPIV3Schema`, status[at] ?? false) : [],
  )
}

function conversionErrors(conversion: Json): FieldError[] {
  if (!conversion) return []
  const { strategy } = conversion
  if (strategy === 'Webhook') {
    return [forbidden('spec.conversion.strategy', 'conversion by a webhook is not supported by this API server')]
  }
  return strategy === 'None' ? [] : [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])]
}
