import type { Resource } from '../../types.ts'
import type { Json } from '../normalize.ts'
import type { Components, Dialect } from './components.ts'

const titled = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `AppsV1`, `CoreV1`, `RbacAuthorizationV1`; a custom group keeps its whole name. */
const groupTitle = ({ group, version, custom }: Resource): string => {
  const name = group === '' ? 'core' : custom ? group : group.replace(/\.k8s\.io$/, '')
  return `${name.split(/[.-]/).map(titled).join('')}${titled(version)}`
}

export const basePath = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`

type Parameter = readonly [name: string, about: string, type?: string]

const PRETTY: Parameter = ['pretty', 'If true, the answer is indented.']
const WRITE: readonly Parameter[] = [
  ['dryRun', 'All: everything is done but storing the object.'],
  ['fieldManager', 'A name for the actor that makes the change.'],
  ['fieldValidation', 'What to do about unknown fields: Ignore, Warn or Strict.'],
]
const FORCE: Parameter = ['force', 'Takes fields over from other managers; for apply patches only.', 'boolean']
const LIST: readonly Parameter[] = [
  ['labelSelector', 'Restricts the list by labels.'],
  ['fieldSelector', 'Restricts the list by fields.'],
  ['limit', 'The largest number of objects in one answer.', 'integer'],
  ['continue', 'The token of the page before.'],
  ['resourceVersion', 'The version that the answer must not be older than.'],
  ['watch', 'Streams changes instead of a list.', 'boolean'],
]
const REMOVE: readonly Parameter[] = [
  ['dryRun', 'All: everything is done but storing the object.'],
  ['gracePeriodSeconds', 'How long the object has to end.', 'integer'],
  ['propagationPolicy', 'Background, Foreground or Orphan.'],
]

const parameter = (
  dialect: Dialect,
  place: 'query' | 'path',
  [name, description, type = 'string']: Parameter,
): Json => ({
  name,
  in: place,
  description,
  ...(place === 'path' ? { required: true } : {}),
  ...(dialect === 'v3' ? { schema: { type, uniqueItems: true } } : { type, uniqueItems: true }),
})

const JSON_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json']

/** `kubectl apply` sends strategic merge patches wherever they are offered: custom resources have none. */
const patchTypes = ({ custom }: Resource): readonly string[] =>
  custom ? PATCH_TYPES : [...PATCH_TYPES, 'application/strategic-merge-patch+json']

type Operation = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly verb: string
  readonly action: string
  readonly parameters: readonly Parameter[]
  readonly codes: readonly number[]
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  get: { method: 'get', verb: 'read', action: 'get', parameters: [PRETTY], codes: [200] },
  list: { method: 'get', verb: 'list', action: 'list', parameters: [PRETTY, ...LIST], codes: [200] },
  create: { method: 'post', verb: 'create', action: 'post', parameters: [PRETTY, ...WRITE], codes: [200, 201, 202] },
  update: { method: 'put', verb: 'replace', action: 'put', parameters: [PRETTY, ...WRITE], codes: [200, 201] },
  patch: { method: 'patch', verb: 'patch', action: 'patch', parameters: [PRETTY, ...WRITE, FORCE], codes: [200, 201] },
  delete: { method: 'delete', verb: 'delete', action: 'delete', parameters: [PRETTY, ...REMOVE], codes: [200, 202] },
  deletecollection: {
    method: 'delete',
    verb: 'deleteCollection',
    action: 'deletecollection',
    parameters: [PRETTY, ...LIST, ...REMOVE],
    codes: [200],
  },
}

/** The paths of one resource and its `status`. `schema` is the name of its component. */
export function pathsOf(resource: Resource, schema: string, components: Components, dialect: Dialect): Json {
  const { group, version, kind, namespaced, plural, verbs } = resource
  const gvk = { group, kind, version }
  const reference = components.reference(schema)

  const operation = (verb: string, suffix: string, scope: string): Json => {
    const { method, verb: word, action, parameters, codes } = OPERATIONS[verb] as Operation
    const answers = Object.fromEntries(codes.map((code) => [code, answer(dialect, reference)]))
    const body = ['post', 'put', 'patch'].includes(method)
    const queries = parameters.map((one) => parameter(dialect, 'query', one))
    const types = method === 'patch' ? patchTypes(resource) : ['*/*']
    const content = method === 'patch' ? { type: 'object' } : reference
    return {
      [method]: {
        operationId: `${word}${groupTitle(resource)}${scope}${kind}${suffix}`,
        tags: [
          `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replace(/\W(\w)/g, (_, c) => c.toUpperCase())}_${version}`,
        ],
        parameters:
          dialect === 'v2' && body
            ? [...queries, { name: 'body', in: 'body', required: true, schema: content }]
            : queries,
        ...(body && dialect === 'v3'
          ? {
              requestBody: {
                required: true,
                content: Object.fromEntries(types.map((type) => [type, { schema: content }])),
              },
            }
          : {}),
        responses: { ...answers, 401: { description: 'Unauthorized' } },
        'x-kubernetes-action': action,
        'x-kubernetes-group-version-kind': gvk,
      },
    }
  }

  const place = (path: string, names: readonly Parameter[], suffix: string, scope: string, use: readonly string[]) => {
    const operations = use.filter((verb) => verbs.includes(verb) || suffix !== '')
    if (operations.length === 0) return {}
    return {
      [path]: {
        ...Object.assign({}, ...operations.map((verb) => operation(verb, suffix, scope))),
        parameters: names.map((one) => parameter(dialect, 'path', one)),
      },
    }
  }

  const base = basePath(resource)
  const inNamespace: readonly Parameter[] = namespaced ? [['namespace', 'The namespace of the object.']] : []
  const named: readonly Parameter[] = [...inNamespace, ['name', `Name of the ${kind}.`]]
  const collection = namespaced ? `${base}/namespaces/{namespace}/${plural}` : `${base}/${plural}`
  const scope = namespaced ? 'Namespaced' : ''
  return {
    ...(namespaced ? place(`${base}/${plural}`, [], '', '', ['list']) : {}),
    ...place(collection, inNamespace, '', scope, ['deletecollection', 'list', 'create']),
    ...place(`${collection}/{name}`, named, '', scope, ['delete', 'get', 'patch', 'update']),
    ...(resource.subresources.includes('status')
      ? place(`${collection}/{name}/status`, named, 'Status', scope, ['get', 'patch', 'update'])
      : {}),
  }
}

const answer = (dialect: Dialect, schema: Json): Json =>
  dialect === 'v2'
    ? { description: 'OK', schema }
    : { description: 'OK', content: Object.fromEntries(JSON_TYPES.map((type) => [type, { schema }])) }
