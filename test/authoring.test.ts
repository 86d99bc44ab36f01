import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { has, World } from './world.ts'

const guide = readFileSync(resolve(import.meta.dirname, '../docs/authoring.md'), 'utf8')

type Sample = { readonly kind: 'file' | 'run' | 'output'; readonly path?: string; readonly text: string }

const samples = [...guide.matchAll(/<!-- (file|run|output) ?(\S*) -->\n(`{3,})\w*\n([\s\S]*?)\n\3\n/g)].map(
  ([, kind, path, , text]) => ({ kind, path, text }) as Sample,
)

const unable = ['kubectl', 'git'].filter((program) => !has(program))

describe.skipIf(unable.length > 0)(`docs/authoring.md ${unable.map((name) => `(no ${name} here)`)}`, () => {
  const world = new World()
  afterAll(() => world.remove())

  it('leads from nothing to a lab that is proven and runs', { timeout: 300_000 }, async () => {
    let out = ''
    for (const { kind, path, text } of samples) {
      if (kind === 'file') {
        const file = join(world.home, path as string)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, `${text}\n`)
      } else if (kind === 'run') {
        const [program, ...args] = text.split(' ')
        expect(program).toBe('gitops-lab')
        const ran = await world.run(args)
        expect(ran.code, `${text}\n${ran.out}${ran.err}`).toBe(0)
        out = ran.out
      } else expect(out.trimEnd()).toBe(text)
    }
    expect(samples.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['file', 'run', 'output']))
    await world.run(['--lab', 'my-lab', 'down'])
  })

  it('is not needed by who takes what `new` writes', { timeout: 300_000 }, async () => {
    expect(await world.run(['new', 'fresh'])).toMatchObject({ code: 0 })
    const again = await world.run(['new', 'fresh'])
    expect(again).toMatchObject({ code: 64 })
    expect(again.err).toContain('a folder that is empty or not there yet')
    const proven = await world.run(['lint', 'fresh', '--prove'])
    expect(proven.code, proven.out + proven.err).toBe(0)
  })

  it.each<[string, string, (text: string) => string, RegExp]>([
    [
      'a check that is always true',
      'fresh/1-namespace/checks.ts',
      (t) => t.replace("(await lab.kube.get('namespaces', name))", 'true'),
      /fresh\/1-namespace\/step\.md:\d+: its checks pass before/,
    ],
    [
      'an output that lies',
      'fresh/1-namespace/step.md',
      (t) => t.replace('namespace/team-blue created', 'namespace/team-blue exists'),
      /fresh\/1-namespace\/step\.md:\d+/,
    ],
    [
      'an id without a check',
      'fresh/2-workload/checks.ts',
      (t) => t.replace('scale: [', 'scaled: ['),
      /fresh\/2-workload\/step\.md:\d+: "scale" has no checks/,
    ],
  ])('%s is refused with its line', { timeout: 300_000 }, async (_, file, change, said) => {
    const path = join(world.home, file)
    const before = readFileSync(path, 'utf8')
    expect(change(before)).not.toBe(before)
    writeFileSync(path, change(before))
    const { code, out, err } = await world.run(['lint', 'fresh', '--prove'])
    writeFileSync(path, before)
    expect(out + err).toMatch(said)
    expect(code).toBe(1)
  })
})
