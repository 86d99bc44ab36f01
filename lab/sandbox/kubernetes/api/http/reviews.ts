import { ApiError } from '../../../core/errors.ts'
import type { KubeObject } from '../../types.ts'
import { invalid, invalidValue } from '../registry/errors.ts'
import { isObject, timestamp } from '../registry/values.ts'
import type { Requester } from './authenticate.ts'
import type { ResourceCall } from './context.ts'
import { writerOf } from './options.ts'
import { type Attributes, authorize, grants } from './rbac.ts'
import { send } from './respond.ts'
import { objectOf, warner } from './writes.ts'

type ResourceAttributes = {
  verb?: string
  group?: string
  resource?: string
  subresource?: string
  namespace?: string
  name?: string
}

function attributesOf(spec: Record<string, unknown>): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec
  if (isObject(resource) === isObject(other)) {
    const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    throw invalid('', 'authorization.k8s.io', '', [invalidValue('spec.resourceAttributes', null, text)])
  }
  if (isObject(other)) return { verb: String(other['verb'] ?? ''), path: String(other['path'] ?? '') }
  const { verb = '', ...rest } = resource as ResourceAttributes
  return { verb, ...rest }
}

function subjectOf(spec: Record<string, unknown>): Requester {
  const { user, groups } = spec as { user?: string; groups?: string[] }
  return { name: user ?? '', groups: groups ?? [], impersonated: true }
}

/** Everything that the requester may do in a namespace, as `kubectl auth can-i --list` shows it. */
function rulesOf(call: ResourceCall, namespace: string): unknown {
  const { api, user } = call
  const everything = authorize(api.registry, user, { verb: '*', group: '*', resource: '*', namespace }).allowed
  const rules = everything
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : grants(api.registry, user, namespace).flatMap((grant) => grant.rules)
  const always = {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  }
  return {
    resourceRules: [...rules.filter((rule) => !('nonResourceURLs' in rule)), always],
    nonResourceRules: [
      ...rules.filter((rule) => 'nonResourceURLs' in rule),
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version'] },
    ],
    incomplete: false,
  }
}

const userInfo = ({ name, groups, uid }: Requester) => ({ username: name, ...(uid ? { uid } : {}), groups })

function statusOf(call: ResourceCall, object: KubeObject): unknown {
  const { api, resource, user } = call
  const spec: Record<string, unknown> = object['spec'] ?? {}
  switch (resource.plural) {
    case 'selfsubjectaccessreviews':
      return authorize(api.registry, user, attributesOf(spec))
    case 'subjectaccessreviews':
    case 'localsubjectaccessreviews':
      return authorize(api.registry, subjectOf(spec), attributesOf(spec))
    case 'selfsubjectrulesreviews':
      return rulesOf(call, String(spec['namespace'] ?? ''))
    case 'selfsubjectreviews':
      return { userInfo: userInfo(user) }
    case 'tokenreviews': {
      const found = api.tokens.userOf(String(spec['token'] ?? ''))
      return found ? { authenticated: true, user: userInfo(found) } : { user: {} }
    }
    default:
      throw new ApiError(501, `${resource.plural} are not evaluated here`)
  }
}

/** POST to a review: a question that is answered at once and stored nowhere. */
export async function review(call: ResourceCall): Promise<void> {
  const { api, query, request, response, resource, user } = call
  const writer = writerOf({ request, query, user, kind: 'CreateOptions', warn: warner(call) })
  const given = await objectOf(call, writer)
  const { spec } = given
  const isWhoAmI = resource.plural === 'selfsubjectreviews'
  const body = {
    kind: resource.kind,
    apiVersion: `${resource.group}/${resource.version}`,
    metadata: isWhoAmI ? { creationTimestamp: timestamp(api.clock.now()) } : {},
    ...(isWhoAmI ? {} : { spec: spec ?? {} }),
    status: statusOf(call, given),
  }
  send(request, response, { code: 201, body })
}
