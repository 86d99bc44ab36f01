import { blocked, check, defineChecks, type Lab, passed, pending, type Verdict } from 'gitops-lab/step'

const DEPLOYMENTS = 'deployments.apps'

/** Whether this many pods of the Deployment are available. */
async function available(lab: Lab, wanted: number): Promise<Verdict> {
  const namespace = `team-${lab.env['TEAM']}`
  const expected = `Deployment idle in ${namespace} with ${wanted} available`
  const found = await lab.kube.get(DEPLOYMENTS, 'idle', namespace)
  if (!found) return blocked({ expected, found: 'there is none', next: 'Apply deployment.yaml.' })
  const { replicas = 1 } = found['spec']
  if (replicas < wanted) return blocked({ expected, found: `replicas: ${replicas}`, next: 'Edit the file, and apply it.' })
  const { availableReplicas = 0 } = found['status'] ?? {}
  return availableReplicas >= wanted
    ? passed(`${availableReplicas} available`)
    : pending({ expected, found: `${availableReplicas} available`, actor: 'kubelet', on: 'the pods start' })
}

export default defineChecks({
  deployment: [check('a pod is available', (lab) => available(lab, 1))],
  scale: [check('two pods are available', (lab) => available(lab, 2))],
})
