import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { isPair, isScalar, visit } from 'yaml'
import { readDocuments } from '../../core/yaml.ts'

const NAMES = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

/** Fields that may name a base of another repository. */
const BASES = new Set(['resources', 'bases', 'components'])

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(path)
    return NAMES.has(entry.name) ? [path] : []
  })

/** A base that is not in the artifact: kustomize fetches it, and nobody here has seen what it refers to. */
const isRemote = (text: string): boolean => /^[a-z+]+:\/\/|^git@|^[\w.-]+\.[a-z]{2,}\/[^\s]+\/|[?&]ref=/.test(text)

export type Confinement = { readonly kind: 'inside' | 'remote' } | { readonly kind: 'outside'; readonly path: string }

/**
 * Whether the kustomizations of an artifact stay within it. Flux lets them use any file of the artifact, which kustomize
 * only does when it is told to load any file at all.
 */
export function confinementOf(root: string): Confinement {
  let remote = false
  for (const file of filesIn(root)) {
    const folder = join(file, '..')
    let outside: string | undefined
    for (const document of readDocuments(readFileSync(file, 'utf8'))) {
      visit(document, {
        Scalar(_, { value }, ancestors) {
          if (typeof value !== 'string' || value.includes('\n')) return
          const isBase = ancestors.some((one) => isPair(one) && isScalar(one.key) && BASES.has(String(one.key.value)))
          if (isBase && isRemote(value)) remote = true
          // `key=path` is how generators name a file.
          for (const path of [value, value.slice(value.indexOf('=') + 1)]) {
            const target = resolve(folder, path)
            const isInside = target === root || target.startsWith(root + sep)
            if (!isInside && existsSync(target)) outside = path
          }
        },
      })
    }
    if (outside !== undefined) return { kind: 'outside', path: outside }
  }
  return { kind: remote ? 'remote' : 'inside' }
}
