import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

const FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/** The path of the kustomization in a folder: the first of its three names that is a file. */
export const kustomizationIn = (folder: string): string | undefined =>
  FILES.map((name) => join(folder, name)).find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())

/** `kustomize build` failed: the message is kustomize's own, without the `error: ` of kubectl in front. */
export class KustomizeError extends Error {
  override readonly name = 'KustomizeError'
}

/**
 * Builds the kustomization in `directory` with the kustomize inside `kubectl` and returns the YAML documents that it
 * prints; `flags` are those of `kubectl kustomize`. @throws KustomizeError
 */
export async function kustomizeBuild(
  kubectl: string,
  directory: string,
  signal?: AbortSignal,
  flags: readonly string[] = [],
): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'gitops-lab-kustomize-'))
  try {
    const result = await run(kubectl, ['kustomize', directory, ...flags], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: '/dev/null' },
      signal,
    })
    if (result.code !== 0) throw new KustomizeError(messageIn(result.stderr))
    return result.stdout
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Some kubectls print an error as it is, others as the quoted `err` of a log line (`E1123 … "command failed" err="…"`). */
function messageIn(stderr: string): string {
  const text = stderr.trim()
  const logged = /^([\s\S]*?)^E\d{4} .*\] "command failed" err=("(?:[^"\\]|\\.)*")$/m.exec(text)
  if (!logged) return text.replace(/^error: /i, '')
  try {
    return `${logged[1]}${JSON.parse(logged[2] as string)}`
  } catch {
    return text
  }
}
