import { spawn } from 'node:child_process'

export type Exit = { readonly code: number | null; readonly signal: string | null }

/** Runs a program that has the terminal to itself, to its end. Rejects if it cannot be started. */
export function runInherited(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, env: { ...(options.env ?? process.env) }, stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
}
