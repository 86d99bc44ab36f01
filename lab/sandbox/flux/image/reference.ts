/** An image repository that a spec may not name so; the message is what the condition says. */
export class InvalidImage extends Error {
  override readonly name = 'InvalidImage'
}

export type ImageName = {
  /** `registry.lab.test`, `index.docker.io` */
  readonly host: string
  /** With everything that is implied: `index.docker.io/library/alpine`. */
  readonly canonical: string
}

/** Takes the name of an image repository apart. @throws InvalidImage for one with a scheme or a tag */
export function parseImageName(image: string): ImageName {
  const [scheme, ...rest] = image.split('://')
  if (rest.length > 0) throw new InvalidImage(`image '${image}' should not include URL scheme; remove '${scheme}://'`)
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const path = hasHost ? image.slice(slash + 1) : image
  if (path.includes('@'))
    throw new InvalidImage(`image '${image}' should not include a digest; remove '@${path.split('@')[1]}'`)
  if (path.includes(':'))
    throw new InvalidImage(`image '${image}' should not include a tag; remove ':${path.split(':')[1]}'`)
  if (!/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/.test(path)) {
    throw new InvalidImage(`could not parse reference: ${image}`)
  }
  const host = hasHost && first !== 'docker.io' ? first : 'index.docker.io'
  const repository = host === 'index.docker.io' && !path.includes('/') ? `library/${path}` : path
  return { host, canonical: `${host}/${repository}` }
}
