import { afterAll, expect, it } from 'vitest'
import { has, World } from './world.ts'

const CLIENTS = ['git', 'curl', 'kubectl']
const world = new World()
afterAll(() => world.remove())

it.skipIf(!CLIENTS.every(has))(
  `the course proves itself (needs ${CLIENTS.join(', ')})`,
  { timeout: 600_000 },
  async () => {
    const { out, code } = await world.run(['lint', '--prove'])
    expect(out.split('\n').filter((line) => line.startsWith('problem'))).toEqual([])
    expect(out).toContain('nothing to complain of')
    expect(code).toBe(0)
  },
)
