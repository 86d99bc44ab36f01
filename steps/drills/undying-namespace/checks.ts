import { check, defineChecks, type Lab, passed, pending, type Verdict } from '../../../lab/step.ts'
import { unsolved } from '../../lib/drills.ts'
import { condition } from '../../lib/objects.ts'

const gone = async (lab: Lab): Promise<Verdict> => {
  const namespace = await lab.kube.get('namespaces', 'preview')
  const expected = 'there is no namespace preview'
  if (!namespace) return passed(expected)
  const found = `it is ${namespace['status']?.phase}, since ${namespace.metadata.deletionTimestamp ?? 'nobody deleted it'}`
  const stuck = condition(namespace, 'NamespaceFinalizersRemaining')?.status === 'True'
  return stuck || !namespace.metadata.deletionTimestamp
    ? unsolved(expected, found)
    : pending({ expected, found, actor: 'Namespace controller', on: 'namespace preview' })
}

export default defineChecks({ 'undying-namespace': [check('the namespace is gone', gone)] })
