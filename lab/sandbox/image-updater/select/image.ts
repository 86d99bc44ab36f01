import type { CommonUpdateSettings } from '../resources.ts'

/** An image reference as the updater reads it, also with a constraint in place of the tag. */
export type ContainerImage = {
  /** '' when the reference names no registry. */
  readonly registry: string
  readonly name: string
  /** Tag or constraint; '' if there is none. */
  readonly tag: string
  readonly digest: string
}

/** An image of an Application that is to be kept up to date, all settings resolved. */
export type WantedImage = {
  readonly alias: string
  /** Its tag is the constraint. */
  readonly image: ContainerImage
  /** The name under which Kustomize knows the image, if it is another. */
  readonly kustomizeName: ContainerImage | undefined
  readonly settings: CommonUpdateSettings
  /** Asks for something that is not done here; the text says what. */
  readonly unsupported?: string
}

export function parseImage(text: string): ContainerImage {
  const [named = '', digest = ''] = text.split('@')
  const [first = '', ...others] = named.split('/')
  const hasHost = others.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const path = hasHost ? others.join('/') : named
  const colon = path.indexOf(':')
  return {
    registry: hasHost ? first : '',
    name: colon < 0 ? path : path.slice(0, colon),
    tag: colon < 0 ? '' : path.slice(colon + 1),
    digest,
  }
}

export const fullName = ({ registry, name }: ContainerImage): string => (registry ? `${registry}/${name}` : name)

/** `registry/name:tag@digest`, of which tag and digest may be absent. */
export const fullNameWithTag = (image: ContainerImage): string =>
  `${fullName(image)}${image.tag && `:${image.tag}`}${image.digest && `@${image.digest}`}`

/** What is told of an image's version: the digest goes before the tag. */
export const versionOf = ({ tag, digest }: Pick<ContainerImage, 'tag' | 'digest'>): string => digest || tag

export const sameName = (a: ContainerImage, b: ContainerImage): boolean =>
  a.registry === b.registry && a.name === b.name

/**
 * Adds an override (`[old=]name[:tag|@digest]`) to a list of Kustomize images as Argo CD does: it replaces the one with
 * the same text before the first `=`, else `:`, else `@`. So images of a registry with a port all count as one.
 */
export function mergeKustomizeImage(images: readonly string[], image: string): readonly string[] {
  const at = images.findIndex((other) => mergeKey(other) === mergeKey(image))
  return at < 0 ? [...images, image] : images.with(at, image)
}

function mergeKey(image: string): string {
  const delimiter = ['=', ':', '@'].find((mark) => image.includes(mark))
  return delimiter === undefined ? image : (image.split(delimiter)[0] as string)
}

/** The name that a Kustomize override matches: what is left of `=`, else the image without tag and digest. */
export function kustomizeName(override: string): string {
  const [old, replacement] = override.split('=')
  return replacement === undefined ? fullName(parseImage(override)) : (old as string)
}
