import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Probe } from './probe.ts'
import { runScript } from './shell.ts'
import { createGitReader, createToolsReader } from './tools.ts'
import { labVariables } from './variables.ts'
import { fillWorkspace, inside } from './workspace.ts'

const clock = {
  now: () => Date.now(),
  setTimeout(callback: () => void, ms: number) {
    const handle = setTimeout(callback, ms)
    return { cancel: () => clearTimeout(handle) }
  },
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gitops-lab-environments-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates hold such text
describe('the learner’s folder', () => {
  const assets = () => {
    const path = join(folder, 'assets')
    mkdirSync(join(path, 'config'), { recursive: true })
    mkdirSync(join(path, 'app'))
    mkdirSync(join(path, 'flux'))
    writeFileSync(join(path, 'config', 'a.yaml'), 'image: ${IMAGE_REGISTRY}/${GITLAB_USER}/app # ${OTHER}')
    writeFileSync(join(path, 'app', 'a.js'), '`${pathname}`')
    writeFileSync(join(path, 'flux', 'install.yaml'), 'kind: Namespace')
    return path
  }
  const variables = { IMAGE_REGISTRY: 'registry.lab.test', GITLAB_USER: 'learner', pathname: 'wrong' }

  it('gets templates with the variables filled in, and manifests as they are', () => {
    const lab = join(folder, 'lab')
    fillWorkspace(lab, assets(), variables)
    expect(readFileSync(join(lab, 'templates/config/a.yaml'), 'utf8')).toBe(
      'image: registry.lab.test/learner/app # ${OTHER}',
    )
    expect(readFileSync(join(lab, 'templates/app/a.js'), 'utf8')).toBe('`${pathname}`')
    expect(existsSync(join(lab, 'manifests/flux/install.yaml'))).toBe(true)
  })

  it('keeps what the learner changed', () => {
    const lab = join(folder, 'lab')
    const from = assets()
    fillWorkspace(lab, from, variables)
    writeFileSync(join(lab, 'templates/app/a.js'), 'mine')
    fillWorkspace(lab, from, variables)
    expect(readFileSync(join(lab, 'templates/app/a.js'), 'utf8')).toBe('mine')
  })

  it('has paths below it only', () => {
    expect(inside('/lab', 'app/../x')).toBe('/lab/x')
    expect(() => inside('/lab', '../etc/passwd')).toThrow('leads out of')
  })
})

describe('scripts', () => {
  const script = (text: string, signal = new AbortController().signal) => {
    let output = ''
    const result = runScript(text, {
      cwd: folder,
      env: { NAME: 'a b' },
      signal,
      clock,
      onOutput: (chunk) => {
        output += chunk
      },
    })
    return result.then((ended) => ({ ...ended, output }))
  }

  it('see variables in the environment and stop at the first failure, also in a pipe', async () => {
    expect(await script('echo "$NAME" >&2; cat <<EOF\n$NAME\nEOF')).toMatchObject({ code: 0, output: 'a b\na b\n' })
    expect(await script('false | true; echo not reached')).toMatchObject({ code: 1, output: '' })
    expect(await script('echo ${UNSET_BEFORE}')).toMatchObject({ code: 1 })
  })

  it('end with all their children when they are cancelled', async () => {
    const abort = new AbortController()
    let pid = 0
    const running = runScript('sleep 600 & echo $!; wait', {
      cwd: folder,
      env: {},
      signal: abort.signal,
      clock,
      onOutput: (chunk) => {
        pid = Number(chunk)
        abort.abort()
      },
    })
    const { code, signal } = await running
    expect(code === 0).toBe(false)
    expect(signal ?? code).not.toBeNull()
    await expect.poll(() => existsSync(`/proc/${pid}`) && !isZombie(pid)).toBe(false)
  })
})

const isZombie = (pid: number) => /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: templates hold such text

describe('the variables of the lab', () => {
  it('let git log in to this GitLab alone, with no token in a URL', async () => {
    const gitlab = { url: 'http://127.0.0.1:8929', user: 'learner', token: 'glpat-secret', writeToken: 'glpat-write' }
    const env = labVariables({
      kubeconfig: 'k',
      gitlab,
      registry: 'r',
      imageRegistry: 'i',
      labDir: folder,
      bin: '/bin/lab',
      path: '/usr/bin:/bin',
    })
    expect(env['PATH']).toBe('/bin/lab:/usr/bin:/bin')
    const { output } = await new Promise<{ output: string }>((resolve) => {
      let output = ''
      void runScript('printf "protocol=http\\nhost=127.0.0.1:8929\\n\\n" | git credential fill', {
        cwd: folder,
        env,
        signal: new AbortController().signal,
        clock,
        onOutput: (chunk) => {
          output += chunk
        },
      }).then(() => resolve({ output }))
    })
    expect(output).toContain('username=learner\npassword=glpat-secret')
  })
})

describe('readers', () => {
  it('tell the version of a program, or that it is missing', async () => {
    const tools = createToolsReader({})
    expect(await tools.version('git')).toMatch(/^\d+\.\d+/)
    expect(await tools.version('no-such-program')).toBeUndefined()
  })

  it('tell the state of a clone, and that a folder is none', async () => {
    const git = createGitReader(folder, { GIT_CONFIG_GLOBAL: '/dev/null' })
    expect(await git.status('.')).toBeUndefined()
    const env = {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'user.name',
      GIT_CONFIG_VALUE_0: 'a',
      GIT_CONFIG_KEY_1: 'user.email',
      GIT_CONFIG_VALUE_1: 'a@example.com',
    }
    const signal = new AbortController().signal
    await runScript('git init -q -b main; git remote add origin http://x/y.git; touch a', {
      cwd: folder,
      env,
      signal,
      clock,
      onOutput: () => {},
    })
    expect(await git.status('.')).toEqual({
      branch: 'main',
      head: null,
      remotes: { origin: 'http://x/y.git' },
      changed: ['a'],
      unpushed: null,
    })
  })
})

describe('the availability probe', () => {
  it('counts each answer once, and what is not answered with 200 as lost', async () => {
    const statuses = [200, 503, 200]
    const reports: number[] = []
    const probe = new Probe({
      clock,
      request: async () => statuses.shift() ?? Promise.reject(new Error('refused')),
      onReport: ({ served, lost }) => reports.push(served + lost),
    })
    probe.start()
    await expect.poll(async () => (await probe.report())?.lost ?? 0).toBeGreaterThanOrEqual(2)
    probe.stop()
    const report = await probe.report()
    expect(report).toMatchObject({ served: 2, lastFailure: 'Error: refused' })
    expect(report?.stoppedAt).not.toBeNull()
  })
})
