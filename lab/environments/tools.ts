import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { GitReader, HttpReader, ToolsReader } from '../engine/ports.ts'
import { inside } from './workspace.ts'

const run = promisify(execFile)

const VERSION_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  kubectl: ['version', '--client', '--output=yaml'],
}

export const createToolsReader = (env: Readonly<Record<string, string>>): ToolsReader => ({
  async version(program) {
    try {
      const { stdout, stderr } = await run(program, [...(VERSION_ARGUMENTS[program] ?? ['--version'])], {
        env: { ...process.env, ...env },
        timeout: 10_000,
      })
      return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? ''
    } catch {
      return undefined
    }
  },
})

export const createGitReader = (folder: string, env: Readonly<Record<string, string>>): GitReader => ({
  async status(directory) {
    const git = async (...args: string[]): Promise<string | undefined> => {
      try {
        const { stdout } = await run('git', args, { cwd: inside(folder, directory), env: { ...process.env, ...env } })
        return stdout.trimEnd()
      } catch {
        return undefined
      }
    }
    if ((await git('rev-parse', '--is-inside-work-tree')) !== 'true') return undefined
    const remotes = (await git('remote', '--verbose')) ?? ''
    const unpushed = await git('rev-list', '--count', '@{upstream}..HEAD')
    return {
      branch: (await git('symbolic-ref', '--short', 'HEAD')) ?? null,
      head: (await git('rev-parse', '--verify', '--quiet', 'HEAD')) ?? null,
      remotes: Object.fromEntries(
        remotes
          .split('\n')
          .map((line) => line.split(/\s+/))
          .filter((parts) => parts[2] === '(push)')
          .map(([name, url]) => [name as string, url as string]),
      ),
      changed: ((await git('status', '--porcelain')) ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(3)),
      unpushed: unpushed === undefined ? null : Number(unpushed),
    }
  },
})

export const createHttpReader = (): HttpReader => ({
  async get(url, headers) {
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000), redirect: 'manual' })
      return { status: response.status, body: await response.text() }
    } catch {
      return undefined
    }
  },
})
