import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

/** `kustomize build` failed: the message is kustomize's own, without the `error: ` of kubectl in front. */
export class KustomizeError extends Error {
  override readonly name = 'KustomizeError'
}

/**
 * Builds the kustomization in `directory` with the kustomize inside `kubectl` and returns the YAML documents that it
 * prints. @throws KustomizeError
 */
export async function kustomizeBuild(kubectl: string, directory: string, signal?: AbortSignal): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'gitops-lab-kustomize-'))
  try {
    const result = await run(kubectl, ['kustomize', directory], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: '/dev/null' },
      signal,
    })
    if (result.code !== 0) throw new KustomizeError(result.stderr.trim().replace(/^error: /i, ''))
    return result.stdout
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
