import { blocked, check, defineChecks, passed } from 'gitops-lab/step'

// biome-ignore lint/style/noDefaultExport: the loader takes the default export
export default defineChecks({
  tools: [
    check('bash is there', async (lab) => {
      const version = await lab.tools.version('bash')
      if (version !== undefined) return passed(version)
      return blocked({ expected: 'bash', found: 'none', next: 'Install bash' })
    }),
  ],
  greet: [
    check(
      'the file greets',
      async (lab) => {
        const text = await lab.files.read('greeting.txt')
        if (text !== undefined) return passed(text.trim())
        return blocked({ expected: 'greeting.txt', found: 'no such file', next: 'Write greeting.txt' })
      },
      {
        diagnose: async (lab) =>
          (await lab.files.exists('greeting.text'))
            ? { cause: { id: 'other-name', text: 'the file is called greeting.text' }, next: 'Rename greeting.text' }
            : undefined,
      },
    ),
  ],
  edit: [
    check('the file greets the world', async (lab) => {
      const text = await lab.files.read('greeting.txt')
      if (text?.includes('world')) return passed()
      return blocked({ expected: 'a line with "world"', found: text ?? 'no such file', next: 'Edit greeting.txt' })
    }),
  ],
})
