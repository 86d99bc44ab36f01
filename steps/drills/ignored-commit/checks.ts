import { check, defineChecks } from '../../../lab/step.ts'
import { content, rollsOut } from '../../lib/drills.ts'

export default defineChecks({
  'ignored-commit': [
    check('the newest commit has arrived', (lab) => content(lab)),
    check('nodeapp runs as it says', (lab) => rollsOut(lab, 'nodeapp', 'demo')),
  ],
})
