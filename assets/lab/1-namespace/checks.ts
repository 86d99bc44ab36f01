import { blocked, check, defineChecks, passed, pending } from 'gitops-lab/step'

export default defineChecks({
  cluster: [
    check('the node is ready', async (lab) => {
      const nodes = await lab.kube.list('nodes')
      const ready = nodes.filter((node) =>
        node['status']?.conditions?.some(
          ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
        ),
      )
      return ready.length > 0
        ? passed(`${ready.length} ready`)
        : pending({ expected: 'a ready node', found: `${nodes.length} nodes, none ready`, actor: 'kubelet' })
    }),
  ],
  namespace: [
    check('the namespace is there', async (lab) => {
      const name = `team-${lab.env['TEAM']}`
      return (await lab.kube.get('namespaces', name))
        ? passed(name)
        : blocked({ expected: `namespace ${name}`, found: 'none of this name', next: 'Run the command of this task.' })
    }),
  ],
})
