import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'
import { readCourse } from '../course/load.ts'
import { messageOf } from '../engine/lab-error.ts'
import { palette } from '../views/palette.ts'
import { type Context, coloursOf, labDirOf, printJson } from './context.ts'
import { judgeVersion, parseRequirement } from './requirement.ts'

const execute = promisify(execFile)

export type Finding = {
  readonly what: string
  readonly state: 'ok' | 'missing' | 'old' | 'unusable'
  readonly found: string
  readonly next?: string
}

const NODE = 'node >=20.19'

/** How the programs tell their version, where it is not `--version`. */
const VERSION_ARGUMENTS: Readonly<Record<string, readonly string[]>> = { kubectl: ['version', '--client'] }

/** What can be done about a missing program. */
const INSTALL: Readonly<Record<string, string>> = {
  kubectl: 'Install kubectl (https://kubernetes.io/docs/tasks/tools/), or let `gitops-lab sandbox up` fetch it',
}

/** `doctor`: what this machine has, and what to do about what it lacks. Exit code 1 when something is amiss. */
export async function doctor(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const findings = await examine(context)
  if (json) printJson(context, findings)
  else {
    const paint = palette(coloursOf(context))
    for (const { what, state, found, next } of findings) {
      const tone = state === 'ok' ? paint.good : paint.bad
      context.out(`${tone(state.padEnd(9))} ${what.padEnd(20)} ${found}\n`)
      if (next) context.out(`${' '.repeat(10)}${next}\n`)
    }
  }
  return findings.every(({ state }) => state === 'ok') ? 0 : 1
}

const examine = async (context: Context): Promise<readonly Finding[]> =>
  (
    await Promise.all([
      [tool(NODE, process.versions.node)],
      examineTools(context, readCourse(context.course).requirements),
      loopback(),
      writable('state folder', context.dir.path, '--state-dir'),
      writable('your folder', labDirOf(context), '--dir'),
    ])
  ).flat()

/** The programs that a course needs, as they are on this machine, one that the lab brought included. */
export const examineTools = (context: Context, requirements: readonly string[]): Promise<readonly Finding[]> =>
  Promise.all(
    requirements.map(async (requirement) => {
      const { name } = parseRequirement(requirement)
      return tool(requirement, await versionOf(name, [context.dir.bin, context.env['PATH'] ?? ''].join(delimiter)))
    }),
  )

function tool(requirement: string, version: string | undefined): Finding {
  const { name, least } = parseRequirement(requirement)
  const install = INSTALL[name] ?? `Install ${name}`
  if (version === undefined) return { what: name, state: 'missing', found: 'not on your PATH', next: install }
  if (judgeVersion(requirement, version)) return { what: name, state: 'ok', found: version || 'there' }
  return { what: name, state: 'old', found: `${version}, needed is ${least} or later`, next: install }
}

/** The version a program tells, '' if none, undefined when it cannot be run. */
async function versionOf(name: string, path: string): Promise<string | undefined> {
  try {
    // See environments/kubectl.ts: asked for its version, it may write into the user's cache.
    const env = { ...process.env, PATH: path, KUBECACHEDIR: '/dev/null' }
    const { stdout } = await execute(name, [...(VERSION_ARGUMENTS[name] ?? ['--version'])], { env, timeout: 10_000 })
    return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? ''
  } catch {
    return undefined
  }
}

function loopback(): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) =>
      resolve({ what: '127.0.0.1', state: 'unusable', found: error.message, next: 'Let programs listen on loopback' }),
    )
    server.listen(0, '127.0.0.1', () =>
      server.close(() => resolve({ what: '127.0.0.1', state: 'ok', found: 'ports can be opened' })),
    )
  })
}

function writable(what: string, path: string, option: string): Finding {
  let existing = path
  while (!existsSync(existing)) existing = dirname(existing)
  try {
    accessSync(existing, constants.W_OK | constants.X_OK)
    return { what, state: 'ok', found: existing === path ? path : `${path} (will be made)` }
  } catch (error) {
    return { what, state: 'unusable', found: messageOf(error), next: `Choose another folder with ${option}` }
  }
}
