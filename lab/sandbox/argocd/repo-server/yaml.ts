import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { kustomizeBuild } from '../../core/kustomize.ts'
import { readDocuments } from '../../core/yaml.ts'

/** The documents of a YAML text as plain values, empty ones left out; undefined when it does not parse. */
export function parseYaml(text: string): unknown[] | undefined {
  const documents = readDocuments(text)
  if (documents.some((document) => document.errors.length > 0)) return undefined
  try {
    return documents.map((document) => document.toJS({ maxAliasCount: 1000 }) as unknown).filter((v) => v !== null)
  } catch {
    return undefined
  }
}

/** Why a YAML text does not parse, in the words of the Go parser, which the kustomize in kubectl carries. */
export async function explainYaml(kubectl: string, text: string, signal?: AbortSignal): Promise<string> {
  const broken = text.split(/^---.*$/m).find((part) => parseYaml(part) === undefined) ?? text
  const folder = mkdtempSync(join(tmpdir(), 'gitops-lab-yaml-'))
  try {
    writeFileSync(join(folder, 'a.yaml'), broken.replace(/^\n/, ''))
    writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [a.yaml]\n')
    await kustomizeBuild(kubectl, folder, signal)
    return 'yaml: invalid document'
  } catch (error) {
    return /yaml: (?:line \d+: )?[^:\n]*?(?= in File:|$|\n|:)/.exec(messageOf(error))?.[0] ?? 'yaml: invalid document'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
