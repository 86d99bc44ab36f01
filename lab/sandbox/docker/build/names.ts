import { resolve, sep } from 'node:path'

/** An image's name in full, as BuildKit shows it. */
export const displayName = (reference: string): string => {
  const named = /[:@]/.test(reference.split('/').at(-1) ?? '') ? reference : `${reference}:latest`
  const [first = ''] = named.split('/')
  if (named.includes('/') && /[.:]|^localhost$/.test(first)) return named
  return `docker.io/${named.includes('/') ? '' : 'library/'}${named}`
}

/** A size as docker writes it. */
export const sizeText = (bytes: number): string =>
  bytes < 1000 ? `${bytes}B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(2)}kB` : `${(bytes / 1e6).toFixed(2)}MB`

/** The folder and Dockerfile that a command line means. */
export function buildPaths(
  cwd: string,
  context: string,
  file: string | undefined,
): { context: string; dockerfile: string } {
  const folder = resolve(cwd, context)
  const dockerfile = file === undefined ? `${folder}${sep}Dockerfile` : resolve(cwd, file)
  return { context: folder, dockerfile }
}
