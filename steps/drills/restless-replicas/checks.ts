import { check, defineChecks, type KubeObject, type Lab, passed, type Verdict } from '../../../lab/step.ts'
import { content, rollsOut, unsolved } from '../../lib/drills.ts'
import { APPLICATIONS } from '../../lib/names.ts'

type Resource = { readonly kind: string; readonly namespace?: string; readonly name: string }

const writes = ({ spec, status }: KubeObject): boolean =>
  spec.syncPolicy?.automated !== undefined &&
  spec.syncPolicy.automated.enabled !== false &&
  ((status?.resources ?? []) as readonly Resource[]).some(
    ({ kind, namespace, name }) => kind === 'Deployment' && namespace === 'demo' && name === 'nodeapp',
  )

const oneWriter = async (lab: Lab): Promise<Verdict> => {
  const writers = (await lab.kube.list(APPLICATIONS)).filter(writes)
  const [only] = writers
  const expected = 'nodeapp has what one owner says, and keeps it'
  return only && writers.length === 1 ? passed(only.metadata.name) : unsolved(expected, 'its replicas keep changing')
}

export default defineChecks({
  'restless-replicas': [
    check('nodeapp has one owner', oneWriter),
    check('Argo CD is content', (lab) => content(lab)),
    check('nodeapp runs as it says', (lab) => rollsOut(lab, 'nodeapp', 'demo')),
  ],
})
