import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments, type ScalarTag } from 'yaml'
import { messageOf } from '../../core/errors.ts'
import { kustomizeBuild } from '../../core/kustomize.ts'

/**
 * Kubernetes tools read YAML with a parser of version 1.1: `yes` and `on` are booleans, `0644` is octal. Unlike the
 * letter of 1.1, `y` and `n` are text, and so are times.
 */
const TAGS: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    test: /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
    resolve: (text) => /^(?:yes|on)$/i.test(text),
  },
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?0[0-7]+$/,
    resolve: (text) => Number.parseInt(text, 8),
  },
]

/** The documents of a YAML text as plain values, empty ones left out; undefined when it does not parse. */
export function parseYaml(text: string): unknown[] | undefined {
  const documents = parseAllDocuments(text, {
    customTags: (tags) => [...TAGS, ...tags],
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
  })
  if (!Array.isArray(documents)) return []
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
