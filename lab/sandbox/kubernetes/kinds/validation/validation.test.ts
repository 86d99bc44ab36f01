import { describe, expect, it } from 'vitest'
import { validate } from '../index.ts'
import { admit, deployment, resourceOf, texts } from '../testing.ts'

const errorsOf = (kind: string, body: Record<string, unknown>, group?: string) =>
  texts(admit(resourceOf(kind, group), body).errors)

const container = 'spec.template.spec.containers[0]'

describe('validate', () => {
  it('names every required field of an empty Deployment', () => {
    expect(errorsOf('Deployment', { metadata: { name: 'web' } })).toEqual([
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ])
  })

  it.each([
    [{ image: '' }, [`${container}.image: Required value`]],
    [
      { livenessProbe: { timeoutSeconds: -1, httpGet: { port: 0 }, tcpSocket: { port: 80 } } },
      [
        `${container}.livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
        `${container}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`,
        `${container}.livenessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0`,
      ],
    ],
    [
      { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
      [`${container}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`],
    ],
    [
      { volumeMounts: [{ name: 'nothing', mountPath: '' }] },
      [
        `${container}.volumeMounts[0].name: Not found: "nothing"`,
        `${container}.volumeMounts[0].mountPath: Required value`,
      ],
    ],
    [
      { imagePullPolicy: 'Sometimes' },
      [
        `${container}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
      ],
    ],
  ])('judges a container %#', (change, expected) => {
    expect(errorsOf('Deployment', deployment(change))).toEqual(expected)
  })

  it('judges a strategy that cannot be', () => {
    const spec = { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }
    expect(errorsOf('Deployment', deployment({}, spec))).toEqual([
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ])
  })

  it('refuses another selector', () => {
    const resource = resourceOf('Deployment')
    const old = admit(resource, deployment()).object
    const next = deployment({}, { selector: { matchLabels: { app: 'other' } } })
    next.spec.template.metadata.labels = { app: 'other' }
    expect(texts(admit(resource, next, old).errors)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    ])
  })

  it('judges names by the rules of their kind', () => {
    expect(errorsOf('ConfigMap', { metadata: { name: 'a.b' } })).toEqual([])
    expect(errorsOf('Namespace', { metadata: { name: 'a.b' } })).toEqual([
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ])
    expect(errorsOf('Role', { metadata: { name: 'system:x' }, rules: [] })).toEqual([])
    expect(errorsOf('ConfigMap', { metadata: {} })).toEqual([
      'metadata.name: Required value: name or generateName is required',
    ])
    expect(errorsOf('ConfigMap', { metadata: { name: 'Bad_Name' } })[0]).toContain(
      `metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of`,
    )
  })

  it('limits the size of annotations', () => {
    const annotations = { big: 'x'.repeat(262144) }
    expect(errorsOf('ConfigMap', { metadata: { name: 'c', annotations } })).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ])
  })

  it('judges the ports of a Service', () => {
    const ports = [{ port: 80 }, { port: 80, name: 'b' }, { port: 81, name: 'b', targetPort: 'UPPER_' }]
    expect(errorsOf('Service', { metadata: { name: 's' }, spec: { ports } })).toEqual([
      'spec.ports[0].name: Required value',
      'spec.ports[2].name: Duplicate value: "b"',
      'spec.ports[2].targetPort: Invalid value: "UPPER_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.ports[2].targetPort: Invalid value: "UPPER_": must contain at least one letter (a-z)',
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ])
  })

  it('keeps an immutable ConfigMap', () => {
    const resource = resourceOf('ConfigMap')
    const old = admit(resource, { metadata: { name: 'c' }, immutable: true, data: { a: '1' } }).object
    const text = 'Forbidden: field is immutable when `immutable` is set'
    expect(
      texts(admit(resource, { metadata: { name: 'c' }, data: { a: '2' }, binaryData: { b: 'AA==' } }, old).errors),
    ).toEqual([`immutable: ${text}`, `data: ${text}`, `binaryData: ${text}`])
  })

  it('wants the keys of a typed Secret, and one of two for basic-auth', () => {
    const secret = (type: string, data?: object) => errorsOf('Secret', { metadata: { name: 's' }, type, data })
    expect(secret('kubernetes.io/tls', { 'tls.crt': '' })).toEqual(['data[tls.key]: Required value'])
    expect(secret('kubernetes.io/basic-auth')).toHaveLength(2)
    expect(secret('kubernetes.io/basic-auth', { username: 'eA==' })).toEqual([])
  })

  it.each([
    ['every minute', 'expected exactly 5 fields, found 2: [every minute]'],
    ['61 * * * *', 'end of range (61) above maximum (59): 61'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ])('refuses the schedule %s', (schedule, why) => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
    expect(
      errorsOf('CronJob', { metadata: { name: 'c' }, spec: { schedule, jobTemplate: { spec: { template } } } }),
    ).toEqual([`spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${why}`])
  })

  it.each(['*/5 * * * *', '0 4 1-7 jan,feb mon-fri', '@hourly', '30 4 1 1 *', '0 22 * * 1-5/2'])(
    'takes the schedule %s',
    (schedule) => {
      const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
      expect(
        errorsOf('CronJob', { metadata: { name: 'c' }, spec: { schedule, jobTemplate: { spec: { template } } } }),
      ).toEqual([])
    },
  )

  it('prints a changed role reference in the names of Go', () => {
    const resource = resourceOf('RoleBinding')
    const body = (name: string) => ({ metadata: { name: 'rb' }, roleRef: { kind: 'Role', name } })
    const old = admit(resource, body('a')).object
    expect(texts(admit(resource, body('b'), old).errors)).toEqual([
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef',
    ])
  })

  it('lets a RoleBinding leave out the namespace of a service account', () => {
    const body = (namespace?: string) => ({
      metadata: { name: 'rb' },
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'robot', ...(namespace ? { namespace } : {}) }],
    })
    expect(errorsOf('RoleBinding', body())).toEqual([])
    expect(errorsOf('ClusterRoleBinding', body())).toEqual(['subjects[0].namespace: Required value'])
    expect(errorsOf('ClusterRoleBinding', body('demo'))).toEqual([])
  })

  it('takes an aggregated role only with something to choose by', () => {
    const role = (clusterRoleSelectors: object[]) => ({
      metadata: { name: 'r' },
      aggregationRule: { clusterRoleSelectors },
    })
    expect(errorsOf('ClusterRole', role([{ matchLabels: { a: 'b' } }]))).toEqual([])
    expect(errorsOf('ClusterRole', role([]))).toEqual([
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ])
  })

  it('knows finalizers by their domain, or by their name', () => {
    const errors = (...finalizers: string[]) => errorsOf('ConfigMap', { metadata: { name: 'c', finalizers } })
    expect(errors('example.com/hold', 'foregroundDeletion')).toEqual([])
    expect(errors('example.com/hold', 'hold')).toEqual([
      'metadata.finalizers[1]: Invalid value: "hold": name is neither a standard finalizer name nor is it fully qualified',
    ])
    expect(errors('orphan', 'foregroundDeletion')).toEqual([
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ])
  })

  it('refuses two controllers of one object, and Events as owners', () => {
    const owner = (name: string, more: object = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid: name,
      ...more,
    })
    const errors = (...ownerReferences: object[]) => errorsOf('Secret', { metadata: { name: 's', ownerReferences } })
    expect(errors(owner('a', { controller: true }), owner('b'))).toEqual([])
    expect(errors(owner('a', { controller: true }), owner('b', { controller: true }))).toEqual([
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"a","controller":true},{"apiVersion":"v1","kind":"ConfigMap","name":"b","uid":"b","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/a and ConfigMap/b',
    ])
    expect(errors(owner('a', { kind: 'Event' }))).toEqual([
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"a"}: /v1, Kind=Event is disallowed from being an owner',
    ])
  })

  it('refuses ephemeral containers, which come by a subresource alone', () => {
    const spec = {
      containers: [{ name: 'c', image: 'i' }],
      ephemeralContainers: [{ name: 'd', image: 'i' }],
    }
    expect(errorsOf('Pod', { metadata: { name: 'p' }, spec })).toEqual([
      'spec.ephemeralContainers: Forbidden: cannot be set on create',
    ])
    const { ephemeralContainers } = spec
    const { spec: web } = deployment()
    const template = { ...web.template, spec: { ...web.template.spec, ephemeralContainers } }
    expect(errorsOf('Deployment', deployment({}, { template }))).toEqual([
      'spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
    ])
  })

  it('refuses what would be stored without effect', () => {
    const clientConfig = { url: 'https://hook.example.com' }
    const webhook = { name: 'a.example.com', clientConfig, sideEffects: 'None', admissionReviewVersions: ['v1'] }
    const body = { metadata: { name: 'a' } }
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
      expect(errorsOf(kind, body)).toEqual([])
      expect(errorsOf(kind, { ...body, webhooks: [webhook] })).toEqual([
        'webhooks: Forbidden: admission webhooks are not called by this API server',
      ])
    }
    const spec = { policyName: 'p', validationActions: ['Deny'] }
    expect(errorsOf('ValidatingAdmissionPolicyBinding', { ...body, spec })).toEqual([
      'spec: Forbidden: validating admission policies are not evaluated by this API server',
    ])
  })

  it('lets a pod change its image and nothing else', () => {
    const resource = resourceOf('Pod')
    const pod = (container: object) => ({
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i:1', ...container }] },
    })
    const old = admit(resource, pod({})).object
    const changed = (container: object) => ({
      ...old,
      spec: { ...old['spec'], containers: [{ ...old['spec'].containers[0], ...container }] },
    })
    expect(validate(resource, changed({ image: 'i:2' }), old)).toEqual([])
    expect(validate(resource, changed({ env: [{ name: 'A', value: 'b' }] }), old)).toMatchObject([
      { field: 'spec', reason: 'FieldValueForbidden' },
    ])
  })
})
