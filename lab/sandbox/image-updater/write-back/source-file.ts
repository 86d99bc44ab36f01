import { parse, stringify } from 'yaml'
import { mergeKustomizeImage } from '../select/image.ts'

/**
 * The content of `.argocd-source-<application>.yaml` with some images set: those that the file has already stay, in
 * their order.
 */
export function sourceFile(present: string | undefined, images: readonly string[]): string {
  let old: readonly string[] = []
  try {
    const content = parse(present ?? '') as { kustomize?: { images?: readonly string[] } } | null
    old = content?.kustomize?.images ?? []
  } catch {
    // A file that cannot be read is written anew, as the real program does.
  }
  const merged = images.reduce(mergeKustomizeImage, old)
  return stringify({ kustomize: { images: merged } }, { indentSeq: false, lineWidth: 0 })
}
