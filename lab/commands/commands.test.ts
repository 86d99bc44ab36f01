import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Outline, outlineOf } from '../engine/outline.ts'
import { fixtureCourse } from '../testing/fixture.ts'
import { judgeVersion, parseRequirement } from './requirement.ts'
import { selectTasks } from './run.ts'
import { exportLines } from './shell.ts'
import { shellFacts } from './shell-facts.ts'
import { type ShellFacts, shellFindings } from './shell-findings.ts'

const FORWARD = 'kubectl port-forward --namespace argocd service/argocd-server 1:80'

describe('shellFindings', () => {
  const facts: ShellFacts = {
    cwd: '/lab/my-nodejs-app',
    labDir: '/lab',
    kubeconfig: '/s/kubeconfig',
    labKubeconfig: '/s/kubeconfig',
    currentContext: 'gitops-lab',
    labContexts: ['gitops-lab'],
    origin: 'http://127.0.0.1:8929/learner/my-nodejs-app.git',
    gitlabUrl: 'http://127.0.0.1:8929',
    clone: { branch: 'main', changed: 0, unpushed: 0 },
    missingForward: undefined,
  }
  it.each<[Partial<ShellFacts>, string[]]>([
    [{}, []],
    [
      { kubeconfig: undefined, currentContext: 'prod' },
      [
        "kubeconfig: kubectl in this shell uses your own configuration (KUBECONFIG is not set), context prod, not the lab's cluster.",
      ],
    ],
    [
      { kubeconfig: '/other' },
      ["kubeconfig: kubectl in this shell uses /other (KUBECONFIG), context gitops-lab, not the lab's cluster."],
    ],
    [
      { clone: { branch: 'master', changed: 2, unpushed: 1 } },
      [
        'uncommitted: 2 files are changed here, and not committed.',
        'unpushed: 1 commit is on branch master here, and not on main of the remote.',
      ],
    ],
    [
      { missingForward: { port: 8080, command: 'kubectl port-forward' } },
      ["port-forward: nothing answers on 127.0.0.1:8080, where this task's port-forward should."],
    ],
    [{ cwd: '/home/another-clone' }, []],
    [{ currentContext: 'prod' }, ["context: kubectl's current context is prod, which the lab's cluster is not."]],
    [{ cwd: '/labs', origin: undefined }, ["folder: this shell is in /labs, outside of the lab's folder."]],
    [
      { origin: 'http://u:secret@gitlab.com/x.git' },
      ["remote: the remote origin here is http://u@gitlab.com/x.git, not on the lab's GitLab http://127.0.0.1:8929."],
    ],
    [{ origin: 'http://learner@127.0.0.1:8929/learner/x.git' }, []],
    [
      { origin: 'http://127.0.0.1:89291/x.git' },
      [
        "remote: the remote origin here is http://127.0.0.1:89291/x.git, not on the lab's GitLab http://127.0.0.1:8929.",
      ],
    ],
    [{ origin: undefined }, []],
    [{ labKubeconfig: undefined, gitlabUrl: undefined }, []],
  ])('%j', (change, expected) => {
    expect(shellFindings({ ...facts, ...change }).map(({ id, found }) => `${id}: ${found}`)).toEqual(expected)
  })

  it('is fed by the shell’s own files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gl-facts-'))
    writeFileSync(join(folder, 'a'), 'contexts: []\n')
    writeFileSync(join(folder, 'b'), 'current-context: there\ncontexts: [{name: there}]\n')
    const env = { KUBECONFIG: `${join(folder, 'a')}:${join(folder, 'b')}` }
    const found = await shellFacts(
      { env, cwd: folder, home: folder },
      { KUBECONFIG: join(folder, 'b') },
      '/nowhere',
      FORWARD,
    )
    rmSync(folder, { recursive: true })
    expect(found).toMatchObject({
      currentContext: 'there',
      labContexts: ['there'],
      labDir: '/nowhere',
      origin: undefined,
      clone: undefined,
      missingForward: { port: 1, command: FORWARD },
    })
  })
})

it('exportLines can be evaluated by a shell, whatever the values hold', () => {
  const env = { A: 'it\'s "$HOME" `x`\nnew', PATH: '/not/this', GIT_CONFIG_VALUE_0: '!f() { test "$1" = get; }; f' }
  const script = `${exportLines(env, '/lab bin').join('\n')}\nprintf '%s|%s|%s' "$A" "$GIT_CONFIG_VALUE_0" "$PATH"`
  const out = execFileSync('/bin/sh', ['-c', script], { env: { PATH: '/usr/bin:/bin' } })
  expect(String(out)).toBe(`${env.A}|${env.GIT_CONFIG_VALUE_0}|/lab bin:/usr/bin:/bin`)
})

describe('requirements', () => {
  it.each([
    ['kubectl >=1.30', '1.30.0', true],
    ['kubectl >=1.30', '1.4.9', false],
    ['kubectl >=1.30', '2.0', true],
    ['git >=2.31.5', '2.31', false],
    ['bash', '', true],
    ['git >=2', '', true],
  ])('%s and %j', (requirement, version, expected) => expect(judgeVersion(requirement, version)).toBe(expected))

  it('are a name and a version', () => {
    expect(parseRequirement('git >=2.31')).toEqual({ name: 'git', least: '2.31' })
    expect(() => parseRequirement('git 2.31')).toThrow('"git 2.31" is no requirement')
  })
})

describe('selectTasks', () => {
  let outline: Outline
  beforeAll(async () => {
    outline = outlineOf(await fixtureCourse())
  })
  const keys = (options: Parameters<typeof selectTasks>[1]) => selectTasks(outline, options).map(({ key }) => key)

  it('takes all, some in the course’s order, or all up to one', () => {
    expect(keys({ steps: [] })).toHaveLength(6)
    expect(keys({ steps: ['delivery', '1/edit'] })).toEqual(['files/edit', 'delivery/ask', 'delivery/refuse'])
    expect(keys({ steps: [], until: '1' })).toHaveLength(4)
    expect(() => keys({ steps: ['x'] })).toThrow('unknown step "x"')
  })
})
