import { check, defineChecks } from '../../../lab/step.ts'
import { rollsOut } from '../../lib/drills.ts'

export default defineChecks({
  vanished: [check('the reports run', (lab) => rollsOut(lab, 'reports', 'reports'))],
})
