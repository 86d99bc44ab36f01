import { coreShapes } from './shapes-core.ts'

const main = 'metadata=1+ spec=2+ status=3+'
const condition = 'type=1 status=2 lastTransitionTime=3@ reason=4 message=5'

/** The same as `coreShapes` for the types of the other groups. */
const groupShapes: Readonly<Record<string, string>> = {
  Deployment: main,
  DeploymentSpec:
    'replicas=1* selector=2 template=3+ strategy=4+ minReadySeconds=5 revisionHistoryLimit=6* paused=7 ' +
    'progressDeadlineSeconds=9*',
  DeploymentStrategy: 'type=1 rollingUpdate=2',
  DeploymentStatus:
    'observedGeneration=1 replicas=2 updatedReplicas=3 availableReplicas=4 unavailableReplicas=5 conditions=6 ' +
    'readyReplicas=7 collisionCount=8* terminatingReplicas=9*',
  DeploymentCondition: 'type=1 status=2 reason=4 message=5 lastUpdateTime=6@ lastTransitionTime=7@',
  RollingUpdateDeployment: 'maxUnavailable=1 maxSurge=2',
  ReplicaSet: main,
  ReplicaSetSpec: 'replicas=1* selector=2 template=3+ minReadySeconds=4',
  ReplicaSetStatus:
    'replicas=1 fullyLabeledReplicas=2 observedGeneration=3 readyReplicas=4 availableReplicas=5 conditions=6 ' +
    'terminatingReplicas=7*',
  ReplicaSetCondition: condition,
  StatefulSet: main,
  StatefulSetSpec:
    'replicas=1* selector=2 template=3+ volumeClaimTemplates=4 serviceName=5 podManagementPolicy=6 ' +
    'updateStrategy=7+ revisionHistoryLimit=8* minReadySeconds=9 persistentVolumeClaimRetentionPolicy=10 ordinals=11',
  StatefulSetUpdateStrategy: 'type=1 rollingUpdate=2',
  RollingUpdateStatefulSetStrategy: 'partition=1* maxUnavailable=2',
  StatefulSetOrdinals: 'start=1',
  StatefulSetPersistentVolumeClaimRetentionPolicy: 'whenDeleted=1 whenScaled=2',
  StatefulSetStatus:
    'observedGeneration=1 replicas=2 readyReplicas=3 currentReplicas=4 updatedReplicas=5 currentRevision=6 ' +
    'updateRevision=7 collisionCount=9* conditions=10 availableReplicas=11!',
  StatefulSetCondition: condition,
  DaemonSet: main,
  DaemonSetSpec: 'selector=1 template=2+ updateStrategy=3+ minReadySeconds=4 revisionHistoryLimit=6*',
  DaemonSetUpdateStrategy: 'type=1 rollingUpdate=2',
  RollingUpdateDaemonSet: 'maxUnavailable=1 maxSurge=2',
  DaemonSetStatus:
    'currentNumberScheduled=1 numberMisscheduled=2 desiredNumberScheduled=3 numberReady=4 observedGeneration=5 ' +
    'updatedNumberScheduled=6 numberAvailable=7 numberUnavailable=8 collisionCount=9* conditions=10',
  ControllerRevision: 'metadata=1+ data=2 revision=3',

  Job: main,
  JobSpec:
    'parallelism=1* completions=2* activeDeadlineSeconds=3* selector=4 manualSelector=5* template=6+ backoffLimit=7* ' +
    'ttlSecondsAfterFinished=8* completionMode=9* suspend=10* podFailurePolicy=11 backoffLimitPerIndex=12* ' +
    'maxFailedIndexes=13* podReplacementPolicy=14* managedBy=15* successPolicy=16',
  JobStatus:
    'conditions=1 startTime=2 completionTime=3 active=4 succeeded=5 failed=6 completedIndexes=7 ' +
    'uncountedTerminatedPods=8 ready=9* failedIndexes=10* terminating=11*',
  JobCondition: 'type=1 status=2 lastProbeTime=3@ lastTransitionTime=4@ reason=5 message=6',
  JobTemplateSpec: 'metadata=1+ spec=2+',
  CronJob: main,
  CronJobSpec:
    'schedule=1 startingDeadlineSeconds=2* concurrencyPolicy=3 suspend=4* jobTemplate=5+ ' +
    'successfulJobsHistoryLimit=6* failedJobsHistoryLimit=7* timeZone=8*',
  CronJobStatus: 'active=1 lastScheduleTime=4 lastSuccessfulTime=5',

  V1HorizontalPodAutoscaler: main,
  V1HorizontalPodAutoscalerSpec: 'scaleTargetRef=1+ minReplicas=2* maxReplicas=3 targetCPUUtilizationPercentage=4*',
  V1HorizontalPodAutoscalerStatus:
    'observedGeneration=1* lastScaleTime=2 currentReplicas=3 desiredReplicas=4 currentCPUUtilizationPercentage=5*',
  V1CrossVersionObjectReference: 'kind=1 name=2 apiVersion=3',
  V2HorizontalPodAutoscaler: main,
  V2HorizontalPodAutoscalerSpec: 'scaleTargetRef=1+ minReplicas=2* maxReplicas=3 metrics=4 behavior=5',
  V2HorizontalPodAutoscalerStatus:
    'observedGeneration=1* lastScaleTime=2 currentReplicas=3 desiredReplicas=4! currentMetrics=5! conditions=6',
  V2HorizontalPodAutoscalerCondition: condition,
  V2HorizontalPodAutoscalerBehavior: 'scaleUp=1 scaleDown=2',
  V2HPAScalingRules: 'selectPolicy=1* policies=2 stabilizationWindowSeconds=3* tolerance=4',
  V2HPAScalingPolicy: 'type=1 value=2 periodSeconds=3',
  V2CrossVersionObjectReference: 'kind=1 name=2 apiVersion=3',
  V2MetricSpec: 'type=1 object=2 pods=3 resource=4 external=5 containerResource=7',
  V2ResourceMetricSource: 'name=1 target=2+',
  V2ContainerResourceMetricSource: 'name=1 target=2+ container=3',
  V2PodsMetricSource: 'metric=1+ target=2+',
  V2ObjectMetricSource: 'describedObject=1+ target=2+ metric=3+',
  V2ExternalMetricSource: 'metric=1+ target=2+',
  V2MetricIdentifier: 'name=1 selector=2',
  V2MetricTarget: 'type=1 value=2 averageValue=3 averageUtilization=4*',
  Scale: main,
  ScaleSpec: 'replicas=1',
  ScaleStatus: 'replicas=1 selector=2',

  PodDisruptionBudget: main,
  PodDisruptionBudgetSpec: 'minAvailable=1 selector=2 maxUnavailable=3 unhealthyPodEvictionPolicy=4*',
  PodDisruptionBudgetStatus:
    'observedGeneration=1 disruptedPods=2 disruptionsAllowed=3 currentHealthy=4 desiredHealthy=5 expectedPods=6 ' +
    'conditions=7',
  Eviction: 'metadata=1+ deleteOptions=2',
  PriorityClass: 'metadata=1+ value=2 globalDefault=3 description=4 preemptionPolicy=5*',

  Ingress: main,
  IngressSpec: 'defaultBackend=1 tls=2 rules=3 ingressClassName=4*',
  IngressStatus: 'loadBalancer=1+',
  IngressLoadBalancerStatus: 'ingress=1',
  IngressTLS: 'hosts=1 secretName=2',
  IngressRule: 'host=1 ~IngressRuleValue=2',
  IngressRuleValue: 'http=1',
  HTTPIngressRuleValue: 'paths=1',
  HTTPIngressPath: 'path=1 backend=2+ pathType=3*',
  IngressBackend: 'resource=3 service=4',
  IngressServiceBackend: 'name=1 port=2+',
  ServiceBackendPort: 'name=1 number=2',
  IngressClass: 'metadata=1+ spec=2+',
  IngressClassSpec: 'controller=1 parameters=2',
  NetworkPolicy: 'metadata=1+ spec=2+',
  NetworkPolicySpec: 'podSelector=1+ ingress=2 egress=3 policyTypes=4',
  NetworkPolicyIngressRule: 'ports=1 from=2',
  NetworkPolicyEgressRule: 'ports=1 to=2',
  NetworkPolicyPort: 'protocol=1* port=2 endPort=3*',
  NetworkPolicyPeer: 'podSelector=1 namespaceSelector=2 ipBlock=3',
  IPBlock: 'cidr=1 except=2',

  Role: 'metadata=1+ rules=2!',
  ClusterRole: 'metadata=1+ rules=2! aggregationRule=3',
  AggregationRule: 'clusterRoleSelectors=1',
  PolicyRule: 'verbs=1 apiGroups=2 resources=3 resourceNames=4 nonResourceURLs=5',
  RoleBinding: 'metadata=1+ subjects=2 roleRef=3+',
  ClusterRoleBinding: 'metadata=1+ subjects=2 roleRef=3+',
  RoleRef: 'apiGroup=1 kind=2 name=3',
  RbacV1Subject: 'kind=1 apiGroup=2 name=3 namespace=4',

  Lease: 'metadata=1+ spec=2+',
  LeaseSpec:
    'holderIdentity=1* leaseDurationSeconds=2* acquireTime=3 renewTime=4 leaseTransitions=5* strategy=6* ' +
    'preferredHolder=7*',
  EndpointSlice: 'metadata=1+ endpoints=2! ports=3! addressType=4',
  Endpoint: 'addresses=1 conditions=2+ hostname=3* targetRef=4 deprecatedTopology=5 nodeName=6* zone=7* hints=8',
  EndpointConditions: 'ready=1* serving=2* terminating=3*',
  DiscoveryV1EndpointPort: 'name=1* protocol=2* port=3* appProtocol=4*',
  EventsV1Event:
    'metadata=1+ eventTime=2@ series=3 reportingController=4 reportingInstance=5 action=6 reason=7 regarding=8 ' +
    'related=9 note=10 type=11 deprecatedSource=12 deprecatedFirstTimestamp=13@ deprecatedLastTimestamp=14@ ' +
    'deprecatedCount=15',

  SelfSubjectAccessReview: main,
  SelfSubjectAccessReviewSpec: 'resourceAttributes=1 nonResourceAttributes=2',
  SubjectAccessReview: main,
  LocalSubjectAccessReview: main,
  SubjectAccessReviewSpec: 'resourceAttributes=1 nonResourceAttributes=2 user=3 groups=4 extra=5 uid=6',
  SubjectAccessReviewStatus: 'allowed=1 reason=2 evaluationError=3 denied=4',
  ResourceAttributes:
    'namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7 fieldSelector=8 labelSelector=9',
  NonResourceAttributes: 'path=1 verb=2',
  SelfSubjectRulesReview: main,
  SelfSubjectRulesReviewSpec: 'namespace=1',
  SubjectRulesReviewStatus: 'resourceRules=1 nonResourceRules=2 incomplete=3 evaluationError=4',
  AuthenticationV1TokenRequest: main,
  V1TokenRequestSpec: 'audiences=1 boundObjectRef=3 expirationSeconds=4*',
  V1TokenRequestStatus: 'token=1 expirationTimestamp=2@',
  BoundObjectReference: 'kind=1 apiVersion=2 name=3 uid=4',
  SelfSubjectReview: 'metadata=1+ status=2+',
  SelfSubjectReviewStatus: 'userInfo=1+',
  UserInfo: 'username=1 uid=2 groups=3 extra=4',
  TokenReview: main,
  TokenReviewSpec: 'token=1 audiences=2',
  TokenReviewStatus: 'authenticated=1 user=2+ error=3 audiences=4',

  CustomResourceDefinition: 'metadata=1+ spec=2+ status=3+',
  CustomResourceDefinitionSpec: 'group=1 names=3+ scope=4 versions=7 conversion=9 preserveUnknownFields=10',
  CustomResourceDefinitionStatus: 'conditions=1! acceptedNames=2+ storedVersions=3!',
  CustomResourceDefinitionCondition: 'type=1 status=2 lastTransitionTime=3@ reason=4 message=5',
  CustomResourceColumnDefinition: 'name=1 type=2 format=3 description=4 priority=5 jsonPath=6',
  JSONSchemaProps:
    'maximum=9* minimum=11* maxLength=13* minLength=14* maxItems=16* minItems=17* multipleOf=19* ' +
    'maxProperties=21* minProperties=22* x-kubernetes-preserve-unknown-fields=38* x-kubernetes-list-type=42* ' +
    'x-kubernetes-map-type=43*',
  ValidationRule: 'reason=4* optionalOldSelf=6*',
  StorageClass:
    'metadata=1+ provisioner=2 parameters=3 reclaimPolicy=4* mountOptions=5 allowVolumeExpansion=6* ' +
    'volumeBindingMode=7* allowedTopologies=8',
}

export type Shape = {
  readonly name: string
  readonly number: number
  /** Pointer to a scalar: zero and absent differ. */
  readonly pointer: boolean
  /** Written even when it is empty: a struct, a time (as null), or what has no `omitempty`. */
  readonly always: 'struct' | 'null' | 'zero' | undefined
  /** A struct whose fields JSON puts into the outer one. */
  readonly embedded: boolean
}

const TOKEN = /^(~?)([\w-]+)=(\d+)([*+@!]?)$/
const ALWAYS = { '+': 'struct', '@': 'null', '!': 'zero' } as const

function parse(text: string): Shape[] {
  return text.split(' ').map((token) => {
    const [, tilde, name, number, mark] = TOKEN.exec(token) as unknown as [string, string, string, string, string]
    const always = ALWAYS[mark as keyof typeof ALWAYS]
    return { name, number: Number(number), pointer: mark === '*', always, embedded: tilde === '~' }
  })
}

const texts: Readonly<Record<string, string>> = { ...coreShapes, ...groupShapes }
const parsed = new Map<string, readonly Shape[] | undefined>()

/** The fields of a Go type, by the name of its model (`V1PodSpec`) or of an embedded struct (`VolumeSource`). */
export function shapeOf(model: string): readonly Shape[] | undefined {
  if (!parsed.has(model)) {
    const text = texts[model] ?? texts[model.replace(/^V1/, '')]
    parsed.set(model, text === undefined ? undefined : parse(text))
  }
  return parsed.get(model)
}

/** Every name that has a shape. */
export const shapeNames = (): readonly string[] => Object.keys(texts)
