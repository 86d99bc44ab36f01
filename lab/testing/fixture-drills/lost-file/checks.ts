import { blocked, check, defineChecks, passed } from 'gitops-lab/step'

// biome-ignore lint/style/noDefaultExport: the loader takes the default export
export default defineChecks({
  'lost-file': [
    check('somebody greets', async (lab) =>
      (await lab.files.exists('greeting.txt'))
        ? passed('greeting.txt')
        : blocked({ expected: 'a greeting', found: 'silence', next: 'Find out why' }),
    ),
  ],
})
