import { blocked, check, defineChecks, passed, pending } from 'gitops-lab/step'

// biome-ignore lint/style/noDefaultExport: the loader takes the default export
export default defineChecks({
  ask: [
    check('the parcel is there', async (lab) => {
      if (await lab.files.exists('parcel.txt')) {
        lab.notes.set('servedAt', lab.clock.now())
        return passed('parcel.txt')
      }
      if (!(await lab.files.exists('request.yaml'))) {
        return blocked({ expected: 'a request', found: 'none', next: 'Write request.yaml' })
      }
      if (lab.notes.get('pushedAt') === undefined) lab.notes.set('pushedAt', lab.clock.now())
      return pending({ expected: 'parcel.txt', found: 'a request', actor: 'Courier', on: 'brings the parcel' })
    }),
  ],
  refuse: [
    check('the second one was refused', async (lab) =>
      (await lab.files.exists('refused.txt'))
        ? passed()
        : blocked({ expected: 'refused.txt', found: 'no such file', next: 'Refuse it' }),
    ),
  ],
})
