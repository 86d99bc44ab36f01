import { execFile } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import type { Context } from './context.ts'
import type { ShellFacts } from './shell-findings.ts'

const execute = promisify(execFile)

/** Looks at the calling shell. `labEnv` is the environment that the lab's own would have. */
export async function shellFacts(
  { env, cwd, home }: Pick<Context, 'env' | 'cwd' | 'home'>,
  labEnv: Readonly<Record<string, string>>,
  labDir: string,
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
    origin: await originOf(cwd),
    gitlabUrl: labEnv['GITLAB_URL'],
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

async function originOf(cwd: string): Promise<string | undefined> {
  try {
    return (await execute('git', ['remote', 'get-url', 'origin'], { cwd })).stdout.trim()
  } catch {
    return undefined
  }
}

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path)
