// Writes lab/sandbox/kubernetes/kinds/model/schemas.generated.json: names, types, formats, required fields and documentation
// of the built-in kinds, read from the models of @kubernetes/client-node. `node scripts/kinds.mjs`.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Kinds by package: whoever reaches a shared type first owns it, so the order tells the package of every type. */
const ROOTS = {
  'apimachinery.pkg.apis.meta.v1': 'V1DeleteOptions V1Status V1ObjectMeta V1LabelSelector V1Condition',
  'api.core.v1':
    'V1Binding V1ComponentStatus V1ConfigMap V1Endpoints CoreV1Event V1LimitRange V1Namespace V1Node ' +
    'V1PersistentVolumeClaim V1PersistentVolume V1Pod V1PodTemplate V1ReplicationController V1ResourceQuota V1Secret ' +
    'V1ServiceAccount V1Service',
  'api.admissionregistration.v1':
    'V1MutatingWebhookConfiguration V1ValidatingWebhookConfiguration V1ValidatingAdmissionPolicy ' +
    'V1ValidatingAdmissionPolicyBinding',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1': 'V1CustomResourceDefinition',
  'api.apps.v1': 'V1ControllerRevision V1DaemonSet V1Deployment V1ReplicaSet V1StatefulSet',
  'api.authentication.v1': 'V1SelfSubjectReview V1TokenReview AuthenticationV1TokenRequest',
  'api.authorization.v1':
    'V1LocalSubjectAccessReview V1SelfSubjectAccessReview V1SelfSubjectRulesReview V1SubjectAccessReview',
  'api.autoscaling.v1': 'V1HorizontalPodAutoscaler V1Scale',
  'api.autoscaling.v2': 'V2HorizontalPodAutoscaler',
  'api.batch.v1': 'V1CronJob V1Job',
  'api.coordination.v1': 'V1Lease',
  'api.discovery.v1': 'V1EndpointSlice',
  'api.events.v1': 'EventsV1Event',
  'api.networking.v1': 'V1IngressClass V1Ingress V1NetworkPolicy',
  'api.policy.v1': 'V1PodDisruptionBudget V1Eviction',
  'api.rbac.v1': 'V1ClusterRoleBinding V1ClusterRole V1RoleBinding V1Role',
  'api.scheduling.v1': 'V1PriorityClass',
  'api.storage.v1': 'V1CSIDriver V1CSINode V1StorageClass V1VolumeAttachment',
}

const SCALARS = {
  string: 'string',
  boolean: 'boolean',
  Date: 'time',
  V1MicroTime: 'microtime',
  any: 'any',
  object: 'any',
}

const client = dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node')))
const models = join(client, 'gen', 'models')

/** `Array<V1Container>` → `[]V1Container`, `{ [key: string]: string; }` → `{}string`, a model's name as it is. */
function typeOf(type, format) {
  const list = /^(?:Array|Set)<(.*)>$/s.exec(type)
  if (list) return `[]${typeOf(list[1], format)}`
  const map = /^\{\s*\[key: string\]: (.*);\s*\}$/s.exec(type)
  if (map) return `{}${typeOf(map[1], format)}`
  if (type === 'number') return format || 'double'
  if (type === 'IntOrString' || format === 'int-or-string') return 'int-or-string'
  if (type === 'string' && format === 'byte') return 'bytes'
  return SCALARS[type] ?? type
}

const plain = (comment) =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\/?\*+\/?/, '').trim())
    .join(' ')
    .replace(/\\(['"\\])/g, '$1')
    .replace(/\\n/g, '\n')
    // The models join paragraphs; this one is shown by kubectl.
    .replace(/ {2}(?=Populated by the system)/g, '\n\n')
    .trim()

/** Fields (`type` and `doc` by JSON name) and documentation of one model. */
async function read(model) {
  const declaration = readFileSync(join(models, `${model}.d.ts`), 'utf8')
  const attributes = (await import(join(models, `${model}.js`)))[model].attributeTypeMap
  const [head, body] = declaration.split(`export declare class ${model} {`)
  const about = /\/\*\*((?:(?!\*\/).)*)\*\/\s*$/s.exec(head)?.[1] ?? ''
  const members = new Map()
  for (const [, comment, name, optional] of body.matchAll(
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?'([^']+)'(\?)?: [^;]*;/g,
  )) {
    members.set(name, { doc: comment ? plain(comment) : '', required: !optional })
  }
  const fields = attributes.map(({ name, baseName, type, format }) => {
    const { doc, required } = members.get(name) ?? { doc: '', required: false }
    return { name: baseName, type: typeOf(type, format) + (required ? '!' : ''), doc }
  })
  return { doc: about.includes('OpenAPI spec version') ? '' : plain(about), fields }
}

const inner = (type) => type.replace(/^(?:\[\]|\{\})+/, '').replace(/!$/, '')

/** The text of the generated file. */
export async function generate() {
  const types = {}
  const docs = new Map()
  const documentation = (text) => {
    if (!text) return 0
    if (!docs.has(text)) docs.set(text, docs.size + 1)
    return docs.get(text)
  }
  for (const [owner, roots] of Object.entries(ROOTS)) {
    const waiting = roots.split(' ')
    for (let model = waiting.shift(); model; model = waiting.shift()) {
      if (types[model]) continue
      const { doc, fields } = await read(model)
      types[model] = [
        owner,
        documentation(doc),
        Object.fromEntries(fields.map(({ name, type, doc }) => [name, [type, documentation(doc)]])),
      ]
      waiting.push(...fields.map(({ type }) => inner(type)).filter((type) => /^[A-Z]/.test(type)))
    }
  }
  return `${JSON.stringify({ types, docs: [...docs.keys()] })}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = new URL('../lab/sandbox/kubernetes/kinds/model/schemas.generated.json', import.meta.url)
  writeFileSync(target, await generate())
}
