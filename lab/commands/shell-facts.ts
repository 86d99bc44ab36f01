import { execFile } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import type { Context } from './context.ts'
import type { ShellFacts } from './shell-findings.ts'

const execute = promisify(execFile)

/** Looks at the calling shell. `labEnv` is the environment that the lab's own would have, `shown` what its task shows. */
export async function shellFacts(
  { env, cwd, home }: Pick<Context, 'env' | 'cwd' | 'home'>,
  labEnv: Readonly<Record<string, string>>,
  labDir: string,
  shown: string,
): Promise<ShellFacts> {
  const kubeconfig = env['KUBECONFIG'] || undefined
  const labKubeconfig = labEnv['KUBECONFIG']
  const files = kubeconfig?.split(delimiter).filter(Boolean) ?? [join(home, '.kube', 'config')]
  const configs = files.map(readKubeconfig)
  return {
    cwd: real(cwd),
    labDir: real(labDir),
    kubeconfig,
    labKubeconfig,
    // The first file that sets it wins (Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files").
    currentContext: configs.map((config) => config['current-context']).find(Boolean),
    labContexts: (labKubeconfig ? (readKubeconfig(labKubeconfig).contexts ?? []) : []).map(({ name }) => name),
    origin: await git(cwd, 'remote', 'get-url', 'origin'),
    gitlabUrl: labEnv['GITLAB_URL'],
    clone: await cloneOf(cwd),
    missingForward: await missingForward(shown),
  }
}

type Kubeconfig = { readonly 'current-context'?: string; readonly contexts?: readonly { readonly name: string }[] }

function readKubeconfig(path: string): Kubeconfig {
  try {
    return (parse(readFileSync(path, 'utf8')) as Kubeconfig | null) ?? {}
  } catch {
    return {}
  }
}

async function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await execute('git', args, { cwd })).stdout.trim()
  } catch {
    return undefined
  }
}

async function cloneOf(cwd: string): Promise<ShellFacts['clone']> {
  const status = await git(cwd, 'status', '--porcelain')
  if (status === undefined) return undefined
  const known = await git(cwd, 'rev-parse', '--verify', '--quiet', 'origin/main')
  const unpushed = await git(cwd, 'rev-list', '--count', 'HEAD', ...(known ? ['--not', 'origin/main'] : []))
  return {
    branch: (await git(cwd, 'symbolic-ref', '--short', 'HEAD')) ?? 'HEAD',
    changed: status.split('\n').filter(Boolean).length,
    unpushed: Number(unpushed ?? 0),
  }
}

async function missingForward(shown: string): Promise<ShellFacts['missingForward']> {
  const command = /^kubectl port-forward .*$/m.exec(shown)?.[0]
  const port = Number(/\s(\d+):\d+/.exec(command ?? '')?.[1])
  if (command === undefined || Number.isNaN(port)) return undefined
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
  return answers ? undefined : { port, command }
}

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path)
