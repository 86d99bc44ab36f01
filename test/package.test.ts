import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Tmux } from './tmux.ts'
import { has } from './world.ts'

const root = resolve(import.meta.dirname, '..')

/** What a package is made of, copied, so that packing does not disturb the bundle that other tests run. */
const SOURCES = [
  ...['bin', 'lab', 'steps', 'assets', 'scripts', 'docs'],
  ...['package.json', 'tsconfig.json', 'LICENSE', 'README.md', 'CHANGELOG.md'],
]

const folder = mkdtempSync(join(tmpdir(), 'gl-package-'))
const installed = join(folder, 'installed')
const home = join(folder, 'home')
const packed = () => join(installed, 'node_modules', 'gitops-lab')

/** The installed program, in an empty folder, with an empty HOME and nothing of this repository. */
const program = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(join(installed, 'node_modules', '.bin', 'gitops-lab'), args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: home },
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

beforeAll(() => {
  const source = join(folder, 'source')
  for (const path of SOURCES) cpSync(join(root, path), join(source, path), { recursive: true })
  spawnSync('ln', ['-s', join(root, 'node_modules'), join(source, 'node_modules')])
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: source })
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  mkdirSync(installed)
  mkdirSync(home)
  writeFileSync(join(installed, 'package.json'), '{}')
  execFileSync('npm', ['install', '--silent', '--prefer-offline', join(folder, tarball as string)], { cwd: installed })
}, 180_000)
afterAll(() => {
  program('down')
  rmSync(folder, { recursive: true, force: true })
})

describe('the packed program', () => {
  it('brings no install scripts, and the licences of what it contains', () => {
    const { scripts, dependencies } = JSON.parse(readFileSync(join(packed(), 'package.json'), 'utf8'))
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([])
    expect(Object.keys(dependencies)).toEqual(['gitlab-ci-local'])
    const notice = readFileSync(join(packed(), 'dist', 'NOTICE'), 'utf8')
    for (const name of ['commander', 'hono', 'ink', 'react', '@ngrok/webernetes'])
      expect(notice).toContain(`\n${name} `)
    expect(readdirSync(join(packed(), 'dist')).filter((name) => name.endsWith('.map'))).toEqual([])
  })

  it('has its texts: version, help with examples, manual', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(program('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
    expect(program('run', '--help').out).toContain('gitops-lab run --until argocd')
    expect(readFileSync(join(packed(), 'dist', 'gitops-lab.1'), 'utf8')).toContain('.SH EXIT STATUS')
    expect(program('nosuch')).toMatchObject({ code: 64 })
  })

  it('has types for checks', () => {
    writeFileSync(
      join(installed, 'checks.ts'),
      `import { check, defineChecks, type Lab, passed, pending } from 'gitops-lab/step'
const look = async (lab: Lab) => ((await lab.files.exists('x')) ? passed() : pending({ expected: '', found: '', actor: '' }))
// @ts-expect-error: a check has a name
check(look)
export default defineChecks({ a: [check('x', look)] })
`,
    )
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--ignoreConfig']
    const { status, stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), [...options, 'checks.ts'], {
      cwd: installed,
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  })

  it.skipIf(!has('tmux'))(
    'shows its first screen, and leaves the terminal as it was',
    { timeout: 180_000 },
    async () => {
      const tmux = await Tmux.start({ home, columns: 100, rows: 40 })
      try {
        await tmux.run(join(installed, 'node_modules', '.bin', 'gitops-lab'))
        await tmux.waitFor(/Welcome[\s\S]*lab +✓ ready/)
        await tmux.press('q')
        expect(await tmux.exitCode()).toBe(0)
        expect(await tmux.modes()).toEqual({ alternate: false, mouse: false, cursor: true })
      } finally {
        await tmux.close()
      }
    },
  )

  it.skipIf(!has('kubectl'))('does a lab of one’s own, and the whole course', { timeout: 300_000 }, () => {
    expect(program('new', 'mine')).toMatchObject({ code: 0 })
    const own = program('--lab', 'mine', 'run')
    expect(own.code, own.out + own.err).toBe(0)
    program('--lab', 'mine', 'down')
    const course = program('run')
    expect(course.code, course.out + course.err).toBe(0)
    expect(existsSync(join(home, 'gitops-lab-work', 'my-nodejs-app-config'))).toBe(true)
    expect(readdirSync(home).sort()).toEqual(['.local', 'gitops-lab-work', 'gitops-lab-work-mine'])
  })
})
