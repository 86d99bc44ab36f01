import { check, defineChecks, type Lab, passed, type Verdict } from '../../../lab/step.ts'
import { answers, content, rollsOut, unsolved } from '../../lib/drills.ts'
import { DEPLOYMENTS } from '../../lib/names.ts'

/** Image Updater writes versions into kustomizations, and leaves other folders alone. */
const versioned = async (lab: Lab): Promise<Verdict> => {
  const deployment = await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo')
  const image: string = deployment?.['spec'].template.spec.containers[0].image ?? 'nothing'
  const expected = 'nodeapp wants a version that a pipeline has built'
  return /:1\.0\.\d+$/.test(image) ? passed(image) : unsolved(expected, `it wants ${image}`)
}

export default defineChecks({
  'lost-tag': [
    check('nodeapp wants a version', versioned),
    check('Argo CD is content', (lab) => content(lab)),
    check('the rollout is through', (lab) => rollsOut(lab, 'nodeapp', 'demo')),
    check('users are served', answers),
  ],
})
