import { check, defineChecks } from '../../../lab/step.ts'
import { answers, runsNewest } from '../../lib/drills.ts'

export default defineChecks({
  'locked-door': [check('the newest image runs', runsNewest), check('users are served', answers)],
})
