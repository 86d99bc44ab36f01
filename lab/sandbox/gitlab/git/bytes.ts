import { spawn } from 'node:child_process'
import { gitEnvironment } from '../../core/git.ts'

/** Runs git in a bare repository and returns its output byte for byte. Rejects with what git said on failure. */
export function gitBytes(
  directory: string,
  args: readonly string[],
  options: { readonly input?: Buffer; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--git-dir', directory, ...args], { env: { ...gitEnvironment(), ...options.env } })
    const output: Buffer[] = []
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString('utf8')
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input)
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(Buffer.concat(output)) : reject(new Error(complaint.trim() || `git ${args[0]}: ${code}`)),
    )
  })
}
