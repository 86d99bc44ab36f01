import { check, defineChecks } from '../../../lab/step.ts'
import { runsNewest, writtenByUpdater } from '../../lib/drills.ts'

export default defineChecks({
  'left-behind': [
    check('Image Updater commits the newest image', writtenByUpdater),
    check('the newest image runs', runsNewest),
  ],
})
