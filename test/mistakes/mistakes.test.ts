import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { has, World } from '../world.ts'
import { ARGOCD_MISTAKES, WITHOUT_ARGOCD } from './argocd.ts'
import { FLUX_MISTAKES } from './flux.ts'
import { GITLAB_MISTAKES } from './gitlab.ts'
import { bash, linkPrograms, type Mistake, play, watch } from './mistake.ts'
import { UPDATER_MISTAKES } from './updater.ts'

const CLIENTS = ['git', 'curl', 'kubectl']
const missing = CLIENTS.filter((client) => !has(client))

describe.skipIf(missing.length > 0)(`mistakes (needs ${CLIENTS.join(', ')})`, () => {
  const programs = mkdtempSync(join(tmpdir(), 'gl-programs-'))
  const world = new World(programs)
  beforeAll(() => linkPrograms(programs))
  afterAll(async () => {
    await world.remove()
    rmSync(programs, { recursive: true })
  })

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
  const clone = 'cd "$LAB_DIR/my-nodejs-app"'
  const why = (script: string) => bash(world, `${script}; { gitops-lab why || true; } 2>&1 > /dev/null`)
  it('sees in the shell what leaves no trace in the world', async () => {
    expect(await why(clone)).toBe('')
    expect(await why(`${clone}; unset KUBECONFIG`)).toContain('KUBECONFIG is not set')
    expect(await why('cd /')).toContain('this shell is in /, outside of')
    expect(await why(`${clone}; echo > new`)).toContain('1 file is changed here, and not committed')
    expect(await why(`${clone}; git add . && git commit -qm New`)).toContain(
      '1 commit is on branch main here, and not on',
    )
    await bash(world, `${clone}; git reset --quiet --hard origin/main`)
    const other = `cp "$KUBECONFIG" "$LAB_DIR/kubeconfig"; export KUBECONFIG="$LAB_DIR/kubeconfig"
kubectl config set-context other --cluster=other > /dev/null; kubectl config use-context other > /dev/null`
    expect(await why(`${clone}; ${other}`)).toContain('/kubeconfig (KUBECONFIG), context other, not the lab')
    const unset = await why(`${clone}; kubectl config unset current-context > /dev/null`)
    expect(unset).toContain("kubectl's current context is not set")
    await bash(world, /Type: (.*)/.exec(unset)?.[1] ?? '')
    expect(await why(clone)).toBe('')
    const moved = 'git remote set-url origin https://example.com/x.git'
    expect(await why(`${clone}; ${moved}`)).toContain('the remote origin here is https://example.com/x.git')
    await bash(world, `${clone}; git remote set-url origin "$GITLAB_URL/$GITLAB_USER/my-nodejs-app.git"`)
  })
  all(FLUX_MISTAKES)
  until('2', 'finds all of step 2 done, by other routes than the course’s')
  all([WITHOUT_ARGOCD])
  it('sees that the port-forward of the page does not run', async () => {
    await watch(world, 'argocd/components', (rows) => rows.every(({ verdict }) => verdict === 'passed'))
    const told = await why(clone)
    expect(told).toContain('nothing answers on 127.0.0.1:8080')
    const forward = /terminal that stays open: (.*)/.exec(told)?.[1]
    const repaired = await why(`${clone}; forwarded=$(mktemp); ${forward} > "$forwarded" & trap 'kill %1' EXIT
until grep -q Forwarding "$forwarded"; do :; done`)
    expect(repaired).toBe('')
  })
  all(ARGOCD_MISTAKES)
  all(UPDATER_MISTAKES)
})
