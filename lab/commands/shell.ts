import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { LabError } from '../engine/lab-error.ts'
import { shellQuote } from '../serve/serve.ts'
import { attachOrStart, type Context, labDirOf } from './context.ts'

/** `env`: export lines that make a shell the lab's. */
export async function env(context: Context): Promise<number> {
  const lab = await attachOrStart(context)
  try {
    for (const line of exportLines(await lab.ask('env'), context.dir.bin)) context.out(`${line}\n`)
    return 0
  } finally {
    lab.detach()
  }
}

/** Lines that every POSIX shell evaluates; the lab's own programs come first on the PATH, the shell's stay. */
export const exportLines = (env: Readonly<Record<string, string>>, bin: string): readonly string[] => [
  ...Object.entries(env)
    .filter(([name]) => name !== 'PATH')
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`),
  `export PATH=${shellQuote(bin)}:"$PATH"`,
]

/** `shell`: the learner's own shell with the lab's variables, in LAB_DIR. Its exit code is the command's. */
export async function shell(context: Context): Promise<number> {
  const lab = await attachOrStart(context)
  const variables = await lab.ask('env')
  lab.detach()
  // Ctrl-C is the inner shell's: the terminal sends it to both.
  process.on('SIGINT', () => {})
  return openShell(context, variables)
}

/** Runs the learner's shell on this terminal; resolves with its exit code. @throws LabError */
export function openShell(context: Context, variables: Readonly<Record<string, string>>): Promise<number> {
  const program = context.env['SHELL'] || '/bin/sh'
  const labDir = labDirOf(context)
  context.err(`A shell of the lab, in ${labDir}. \`gitops-lab check\` asks for verdicts; \`exit\` leads back.\n`)
  const path = [context.dir.bin, context.env['PATH']].filter(Boolean).join(delimiter)
  return new Promise((resolve, reject) => {
    const child = spawn(program, {
      stdio: 'inherit',
      cwd: existsSync(labDir) ? labDir : context.cwd,
      env: { ...context.env, ...variables, PATH: path, GITOPS_LAB_SHELL: '1' },
    })
    child.on('error', (error) =>
      reject(
        new LabError({
          expected: 'a shell in $SHELL',
          found: `${program}: ${error.message}`,
          next: 'Set SHELL to your shell, or type: eval "$(gitops-lab env)"',
        }),
      ),
    )
    child.on('close', (code) => resolve(code ?? 1))
  })
}
