import { check, defineChecks, type Lab, passed, pending, type Verdict } from '../../../lab/step.ts'
import { unsolved } from '../../lib/drills.ts'

type Condition = { readonly type: string; readonly status: string }

const gone = async (lab: Lab): Promise<Verdict> => {
  const namespace = await lab.kube.get('namespaces', 'preview')
  const expected = 'there is no namespace preview'
  if (!namespace) return passed(expected)
  const conditions = (namespace['status']?.conditions ?? []) as readonly Condition[]
  const found = `it is ${namespace['status']?.phase}, since ${namespace.metadata.deletionTimestamp ?? 'nobody deleted it'}`
  const stuck = conditions.some(({ type, status }) => type === 'NamespaceFinalizersRemaining' && status === 'True')
  return stuck || !namespace.metadata.deletionTimestamp
    ? unsolved(expected, found)
    : pending({ expected, found, actor: 'Namespace controller', on: 'namespace preview' })
}

export default defineChecks({ 'undying-namespace': [check('the namespace is gone', gone)] })
