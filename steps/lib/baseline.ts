import { blocked, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { cause } from './causes.ts'

/** The uids of the ReplicaSets and pods of nodeapp. */
export async function uidsOf(lab: Lab): Promise<string[]> {
  const options = { namespace: 'demo', labelSelector: 'app=nodeapp' }
  const objects = [...(await lab.kube.list('replicasets.apps', options)), ...(await lab.kube.list('pods', options))]
  return objects
    .filter((object) => object.kind !== 'ReplicaSet' || object['spec'].replicas > 0)
    .map((object) => object.metadata.uid)
    .sort()
}

/** Whether the pods and the ReplicaSet of nodeapp are the ones of the baseline. */
export async function samePods(lab: Lab): Promise<Verdict> {
  const before = lab.notes.get('baseline') as string[] | undefined
  const expected = 'the ReplicaSet and the pods of the baseline'
  if (!before) return blocked({ expected, found: 'no baseline was recorded', next: 'Record the baseline first.' })
  const now = await uidsOf(lab)
  const gone = before.filter((uid) => !now.includes(uid))
  if (gone.length === 0) return passed(`${before.length} uids are the same`)
  return blocked({
    expected,
    found: `${gone.length} of ${before.length} are gone`,
    cause: cause('pods-replaced'),
    next: 'Compare the manifests that Flux and Argo CD applied; `gitops-lab restore` brings back an earlier state.',
  })
}
