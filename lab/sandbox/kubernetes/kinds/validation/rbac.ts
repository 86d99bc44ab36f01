import type { FieldError, KubeObject } from '../../types.ts'
import { invalid, notSupported, required } from '../field-error.ts'
import type { Json } from '../normalize.ts'
import { subdomainMessages } from './names.ts'
import { same, selectorErrors } from './values.ts'

const GROUP = 'rbac.authorization.k8s.io'

export const validateRole = (role: KubeObject): FieldError[] => ruleErrors(role['rules'] ?? [], true)
export const validateClusterRole = (role: KubeObject): FieldError[] => [
  ...ruleErrors(role['rules'] ?? [], false),
  ...aggregationErrors(role['aggregationRule']),
]

function aggregationErrors(aggregation: Json): FieldError[] {
  if (!aggregation) return []
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors: readonly Json[] = aggregation.clusterRoleSelectors ?? []
  if (selectors.length === 0) {
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  }
  return selectors.flatMap((selector, at) => selectorErrors(selector, `${path}[${at}]`))
}

const ruleErrors = (rules: readonly Json[], namespaced: boolean): FieldError[] =>
  rules.flatMap((rule, at) => {
    const path = `rules[${at}]`
    const errors: FieldError[] = []
    if (!rule.verbs?.length) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
    if (rule.nonResourceURLs?.length) {
      if (namespaced) {
        const detail = 'namespaced rules cannot apply to non-resource URLs'
        errors.push(invalid(`${path}.nonResourceURLs`, rule.nonResourceURLs, detail))
      }
      if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
        const detail = 'rules cannot apply to both regular resources and non-resource URLs'
        errors.push(invalid(`${path}.nonResourceURLs`, rule.nonResourceURLs, detail))
      }
      return errors
    }
    if (!rule.apiGroups?.length) {
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
    }
    if (!rule.resources?.length) {
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
    }
    return errors
  })

export const validateRoleBinding = (binding: KubeObject, old: KubeObject | undefined): FieldError[] =>
  bindingErrors(binding, old, ['Role', 'ClusterRole'])

export const validateClusterRoleBinding = (binding: KubeObject, old: KubeObject | undefined): FieldError[] =>
  bindingErrors(binding, old, ['ClusterRole'])

/** A role reference as Go prints it. */
const internalRef = ({ apiGroup, kind, name }: Json): Json => ({ APIGroup: apiGroup, Kind: kind, Name: name })

function bindingErrors(binding: KubeObject, old: KubeObject | undefined, kinds: readonly string[]): FieldError[] {
  const ref: Json = binding['roleRef'] ?? {}
  const errors: FieldError[] = []
  if (ref.apiGroup !== GROUP) errors.push(notSupported('roleRef.apiGroup', ref.apiGroup ?? '', [GROUP]))
  if (!kinds.includes(ref.kind)) errors.push(notSupported('roleRef.kind', ref.kind ?? '', kinds))
  if (!ref.name) errors.push(required('roleRef.name'))
  ;(binding['subjects'] ?? []).forEach((subject: Json, at: number) => {
    errors.push(...subjectErrors(subject, `subjects[${at}]`, kinds.length > 1))
  })
  if (!old || same(ref, old['roleRef'])) return errors
  const value = JSON.stringify(internalRef(ref))
  return [
    ...errors,
    { field: 'roleRef', reason: 'FieldValueInvalid', message: `Invalid value: ${value}: cannot change roleRef` },
  ]
}

/** In a RoleBinding a ServiceAccount may go without its namespace. */
function subjectErrors({ kind, apiGroup, name, namespace }: Json, path: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (!name) errors.push(required(`${path}.name`))
  switch (kind) {
    case 'ServiceAccount':
      if (name) errors.push(...subdomainMessages(name).map((text) => invalid(`${path}.name`, name, text)))
      if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
      if (!namespace && !namespaced) errors.push(required(`${path}.namespace`))
      return errors
    case 'User':
    case 'Group':
      return apiGroup === GROUP ? errors : [...errors, notSupported(`${path}.apiGroup`, apiGroup ?? '', [GROUP])]
    default:
      return [...errors, notSupported(`${path}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group'])]
  }
}
