import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { has, World } from '../world.ts'
import { ARGOCD_MISTAKES } from './argocd.ts'
import { FLUX_MISTAKES } from './flux.ts'
import { GITLAB_MISTAKES } from './gitlab.ts'
import { bash, type Mistake, play } from './mistake.ts'
import { UPDATER_MISTAKES } from './updater.ts'

const CLIENTS = ['git', 'curl', 'kubectl']
const missing = CLIENTS.filter((client) => !has(client))

describe.skipIf(missing.length > 0)(`mistakes (needs ${CLIENTS.join(', ')})`, () => {
  let world: World
  beforeAll(() => {
    world = new World()
  })
  afterAll(() => world.remove())

  const all = (mistakes: readonly Mistake[]) => {
    for (const mistake of mistakes) it(`${mistake.cause}: ${mistake.title}`, () => play(world, mistake), 120_000)
  }
  const until = (step: string, title: string) =>
    it(title, async () => {
      const { code, out } = await world.run(['run', '--until', step])
      expect(code, out).toBe(0)
    }, 180_000)

  until('1', 'begins with Flux')
  all(GITLAB_MISTAKES)
  it('sees in the shell what leaves no trace in the world', async () => {
    const why = async (script: string) => (await world.sh(`${script}; gitops-lab why 2>&1 > /dev/null`)).out
    const clone = 'cd "$LAB_DIR/my-nodejs-app"'
    expect(await why(clone)).toBe('')
    expect(await why(`${clone}; unset KUBECONFIG`)).toContain('KUBECONFIG is not set')
    expect(await why('cd /')).toContain('this shell is in /, outside of')
    expect(await why(`${clone}; echo > new`)).toContain('1 file is changed here, and not committed')
    expect(await why(`${clone}; git add . && git commit -qm New`)).toContain(
      '1 commit is on branch main here, and not on',
    )
    await bash(world, `${clone}; git reset --quiet --hard origin/main`)
    const other =
      'cp "$KUBECONFIG" "$LAB_DIR/kubeconfig"; kubectl config use-context other --kubeconfig "$LAB_DIR/kubeconfig"'
    expect(await why(`${clone}; ${other}; export KUBECONFIG="$LAB_DIR/kubeconfig"`)).toContain(
      '/kubeconfig (KUBECONFIG)',
    )
    const moved = 'git remote set-url origin https://example.com/x.git'
    expect(await why(`${clone}; ${moved}`)).toContain('the remote origin here is https://example.com/x.git')
    await bash(world, `${clone}; git remote set-url origin "$GITLAB_URL/$GITLAB_USER/my-nodejs-app.git"`)
  })
  all(FLUX_MISTAKES)
  until('2', 'finds all of step 2 done, by other routes than the course’s')
  all(ARGOCD_MISTAKES)
  all(UPDATER_MISTAKES)
})
