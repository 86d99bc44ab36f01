import { check, defineChecks } from '../../../lab/step.ts'
import { answers, content, rollsOut } from '../../lib/drills.ts'

export default defineChecks({
  'stuck-rollout': [
    check('the rollout is through', (lab) => rollsOut(lab, 'nodeapp', 'demo')),
    check('Argo CD is content', (lab) => content(lab)),
    check('users are served', answers),
  ],
})
