import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { has, type Ran, World } from './world.ts'

const CLIENTS = ['git', 'curl', 'kubectl']
const missing = CLIENTS.filter((client) => !has(client))

/** The JSON of the last `run --json`, one event a line. */
const events = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq?: number; event?: { kind: string } })

describe.skipIf(missing.length > 0)(`the whole lab (needs ${CLIENTS.join(', ')})`, () => {
  let world: World
  let out = ''
  beforeAll(async () => {
    world = new World()
  })
  afterAll(() => world.remove())

  it('runs through a kill of its client and of its background process, and ends well', {
    timeout: 600_000,
  }, async () => {
    const first = world.start(['run', '--json'])
    const seen = (text: string) =>
      new Promise<void>((resolve) => {
        let all = ''
        first.stdout?.on('data', (chunk) => {
          all += chunk
          if (all.includes(text)) resolve()
        })
      })
    await seen('"kind":"task-passed","task":"gitlab/push-app"')
    first.kill('SIGKILL')
    let ended: Ran | undefined
    const second = world.run(['run', '--until', '3']).then((ran) => {
      ended = ran
    })
    const begun = () =>
      world.journal().some(({ event }) => event.kind === 'action-started' && event['task'] === 'gitlab/first-commit')
    // All that tells why, should it never begin.
    const told = () => JSON.stringify({ ended, journal: world.journal().slice(-15), log: world.log().slice(-2000) })
    await vi.waitFor(() => expect(begun() || ended, told()).toBeTruthy(), { timeout: 120_000, interval: 50 })
    expect(begun(), told()).toBe(true)
    process.kill(world.pid(), 'SIGKILL')
    await second
    const last = await world.run(['run', '--json'])
    expect(last.err).toBe('')
    expect(last.code).toBe(0)
    out = last.out
  })

  it('prints one event a line, and its summary says that no request was lost', () => {
    const kinds = events(out).map(({ event }) => event?.kind)
    expect(kinds).toContain('finished')
    expect(out).toMatch(/"lost":0/)
  })

  it('leaves both Applications Synced and Healthy, and Flux gone', async () => {
    const { out } = await world.sh('kubectl get app -n argocd --no-headers')
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)),
    ).toEqual([
      ['my-app-namespaces', 'Synced', 'Healthy'],
      ['my-nodejs-app', 'Synced', 'Healthy'],
    ])
    const gone = await world.sh('kubectl get ns flux-system')
    expect(gone.err).toBe('Error from server (NotFound): namespaces "flux-system" not found\n')
  })

  it('runs the image of the last pipeline, which serves the endpoint', async () => {
    const image = await world.sh(
      `kubectl get deploy nodeapp -n demo -o jsonpath='{.spec.template.spec.containers[0].image}'`,
    )
    const pipelines = await world.sh('curl -s "$GITLAB_URL/api/v4/projects/$GITLAB_USER%2Fmy-nodejs-app/pipelines"')
    const [{ iid }] = JSON.parse(pipelines.out) as [{ iid: number }]
    expect(image.out).toMatch(new RegExp(`:1\\.0\\.${iid}$`))
    const one = await world.sh('kubectl get --raw /api/v1/namespaces/demo/services/nodeapp:8080/proxy/1')
    expect(JSON.parse(one.out)).toMatchObject({ id: 1, name: 'Ada' })
  })

  it('tells of each station of the last change that it is done', async () => {
    const { chain } = JSON.parse((await world.run(['status', '--json'])).out)
    expect(chain.links.map(({ title, state }: { title: string; state: string }) => `${title} ${state}`)).toEqual([
      'Commit done',
      'Pipeline done',
      'Image done',
      'Config commit done',
      'Argo CD done',
      'Pods done',
    ])
  })

  it('has the updater’s commits in the configuration repository', async () => {
    const log = await world.sh(
      `d=$(mktemp -d) && git clone -q "$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git" "$d" && git -C "$d" log --format='%an: %s' && rm -rf "$d"`,
    )
    expect(log.out).toContain('argocd-image-updater: build: automatic update of my-nodejs-app')
    expect(log.out).toContain('fluxcdbot: Update from image update automation')
  })

  it('tells others what is done, and keeps a drift that nobody watched', async () => {
    const checked = await world.run(['check'])
    expect(checked.code).toBe(0)
    await world.sh('kubectl scale deploy nodeapp -n demo --replicas=4')
    const drift = () =>
      world
        .journal()
        .some(({ event }) => event.kind === 'observed' && /nodeapp: 4 replicas wanted → 2/.test(JSON.stringify(event)))
    await expect.poll(drift, { timeout: 30_000 }).toBe(true)
  })

  it('keeps its secrets out of journal and log', async () => {
    const token = await world.variable('GITLAB_TOKEN')
    expect(token).toMatch(/^glpat-/)
    const { code } = await world.sh(
      `grep -rqs -e "$GITLAB_TOKEN" -e "$GITLAB_WRITE_TOKEN" '${world.stateDir}/journal.jsonl' '${world.stateDir}/serve.log'`,
    )
    expect(code).toBe(1)
  })

  it('brings back a snapshot of the whole world', { timeout: 120_000 }, async () => {
    expect((await world.run(['snapshot', 'end'])).code).toBe(0)
    await world.sh('kubectl delete ns demo --wait=false; kubectl delete app --all -n argocd')
    expect((await world.run(['restore', 'end'])).code).toBe(0)
    expect((await world.run(['check', '--now'])).code).not.toBe(3)
    const served = async () =>
      (await world.sh('kubectl get --raw /api/v1/namespaces/demo/services/nodeapp:8080/proxy/1')).out
    await expect.poll(served, { timeout: 60_000, interval: 500 }).toContain('Ada')
    expect((await world.sh('kubectl get app -n argocd -o name')).out.trim().split('\n')).toHaveLength(2)
  })
})
