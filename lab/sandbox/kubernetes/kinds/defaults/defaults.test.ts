import { describe, expect, it } from 'vitest'
import { admit, deployment, resourceOf } from '../testing.ts'

const spec = (kind: string, body: Record<string, unknown>) =>
  admit(resourceOf(kind), { metadata: { name: 'x' }, ...body }).object['spec']

describe('applyDefaults', () => {
  it('fills a Deployment, its containers and its probes', () => {
    const { object, errors } = admit(
      resourceOf('Deployment'),
      deployment({ ports: [{ containerPort: 80 }], readinessProbe: { httpGet: { port: 80 } } }),
    )
    expect(errors).toEqual([])
    expect(object['spec']).toMatchObject({
      replicas: 1,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    })
    expect(object['spec'].template.spec).toEqual({
      containers: [
        {
          name: 'main',
          image: 'repo/app:1',
          imagePullPolicy: 'IfNotPresent',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          readinessProbe: {
            httpGet: { port: 80, path: '/', scheme: 'HTTP' },
            failureThreshold: 3,
            periodSeconds: 10,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    })
    expect(object['status']).toEqual({})
  })

  it('keeps a zero where it means something and drops it where it does not', () => {
    const kept = spec('Deployment', deployment({}, { replicas: 0, paused: false, minReadySeconds: 0 }))
    expect(kept.replicas).toBe(0)
    expect(kept).not.toHaveProperty('paused')
    expect(kept).not.toHaveProperty('minReadySeconds')
  })

  it('brings a pod to its class, and requests what it limits', () => {
    const { object } = admit(resourceOf('Pod'), {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'app', resources: { limits: { cpu: '0.1', memory: '1024Mi' } } }] },
    })
    const amounts = { cpu: '100m', memory: '1Gi' }
    expect(object['spec'].containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      resources: { limits: amounts, requests: amounts },
    })
    expect(object['spec']).toMatchObject({
      enableServiceLinks: true,
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    })
    expect(object['spec'].tolerations).toHaveLength(2)
    expect(object['status']).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' })
  })

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['127.0.0.1:5000/nginx', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['nginx@sha256:abc', 'IfNotPresent'],
    ['nginx:latest@sha256:abc', 'IfNotPresent'],
  ])('pulls %s %s', (image, policy) => {
    expect(spec('Deployment', deployment({ image })).template.spec.containers[0].imagePullPolicy).toBe(policy)
  })

  it('points a Service at its own port and leaves an ExternalName alone', () => {
    expect(spec('Service', { spec: { ports: [{ port: 80 }] } })).toEqual({
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      type: 'ClusterIP',
    })
    expect(spec('Service', { spec: { type: 'ExternalName', externalName: 'example.com' } })).toEqual({
      externalName: 'example.com',
      sessionAffinity: 'None',
      type: 'ExternalName',
    })
  })

  it('moves stringData into data', () => {
    const { object } = admit(resourceOf('Secret'), {
      metadata: { name: 's' },
      stringData: { user: 'admin' },
      data: { user: 'eA==', bin: 'AAEC' },
    })
    expect(object).toMatchObject({ type: 'Opaque', data: { user: 'YWRtaW4=', bin: 'AAEC' } })
    expect(object['stringData']).toBeUndefined()
  })

  it('selects the pods of a Job by its uid', () => {
    const { object, errors } = admit(resourceOf('Job'), {
      metadata: { name: 'once' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i:1' }] } } },
    })
    expect(errors).toEqual([])
    expect(object['spec']).toMatchObject({
      backoffLimit: 6,
      completions: 1,
      parallelism: 1,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } },
    })
    expect(object.metadata.labels).toEqual(object['spec'].template.metadata.labels)
    expect(object.metadata.labels).toMatchObject({ 'job-name': 'once', 'controller-uid': 'u-1' })
  })

  it('fills a LimitRange from its limits', () => {
    const limits = [{ type: 'Container', default: { cpu: '200m' }, max: { memory: '1Gi' }, min: { cpu: '10m' } }]
    expect(spec('LimitRange', { spec: { limits } }).limits[0]).toMatchObject({
      default: { cpu: '200m', memory: '1Gi' },
      defaultRequest: { cpu: '200m', memory: '1Gi' },
    })
  })

  it('names a namespace by a label and guards it with a finalizer', () => {
    const { object } = admit(resourceOf('Namespace'), { metadata: { name: 'team' } })
    expect(object).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'team' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
  })
})
