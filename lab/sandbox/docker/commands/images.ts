import { parseReference } from '../../registry/index.ts'
import type { Image } from '../build/image.ts'
import { DockerError, type Invocation } from '../job.ts'
import type { Command } from './command.ts'
import { renderTemplate } from './template.ts'

const familiar = (name: string): string => name.replace(/^docker\.io\/(library\/)?/, '')
const sizeOf = ({ layers, configBytes }: Image): number =>
  layers.reduce((sum, { descriptor }) => sum + descriptor.size, configBytes.length)
const sizeText = (bytes: number): string =>
  bytes < 1000
    ? `${bytes}B`
    : bytes < 1e6
      ? `${Number((bytes / 1e3).toPrecision(3))}kB`
      : `${Number((bytes / 1e6).toPrecision(3))}MB`

function noSuchImage(text: string): DockerError {
  return new DockerError(`Error response from daemon: No such image: ${/[:@]/.test(text) ? text : `${text}:latest`}`)
}

function findImage({ job }: Invocation, text: string): Image {
  const image = job.images.find(text)
  if (!image) throw noSuchImage(text)
  return image
}

export const tag: Command = {
  name: 'docker tag',
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  flags: {},
  min: 2,
  max: 2,
  async run(invocation, { positional: [source = '', target = ''] }) {
    let reference: ReturnType<typeof parseReference>
    try {
      reference = parseReference(target)
    } catch (error) {
      throw new DockerError(
        `Error parsing reference: "${target}" is not a valid repository/tag: ${(error as Error).message}`,
      )
    }
    if (reference.digest) throw new DockerError('refusing to create a tag with a digest reference')
    invocation.job.images.set(reference, findImage(invocation, source))
    return 0
  },
}

export const images: Command = {
  name: 'docker images',
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  flags: {
    quiet: { type: 'boolean', short: 'q' },
    all: { type: 'boolean', short: 'a' },
    'no-trunc': { type: 'boolean' },
    digests: { type: 'boolean', unsupported: 'use docker image inspect' },
    filter: { type: 'list', short: 'f', unsupported: 'name the repository instead' },
    format: { type: 'string' },
    tree: { type: 'boolean', unsupported: 'images here have one platform' },
  },
  min: 0,
  max: 1,
  async run({ job, out }, { positional, is, value }) {
    const rows = job.images.entries().map(([name, image]) => {
      const at = name.lastIndexOf(':')
      const none = name.startsWith('<none>')
      return {
        Repository: none ? '<none>' : familiar(name.slice(0, at)),
        Tag: none ? '<none>' : name.slice(at + 1),
        Digest: image.digest,
        ID: is('no-trunc') ? image.id : image.id.slice('sha256:'.length, 'sha256:'.length + 12),
        CreatedSince: ago(job.now() - Date.parse(image.config.created ?? '')),
        CreatedAt: image.config.created ?? '',
        Size: sizeText(sizeOf(image)),
      }
    })
    const [repository, wantedTag] = familiar(positional[0] ?? '').split(/:(?=[^/]*$)/)
    const shown = rows.filter(
      (row) => !repository || (row.Repository === repository && (!wantedTag || row.Tag === wantedTag)),
    )
    const format = value('format')
    if (is('quiet')) for (const id of new Set(shown.map(({ ID }) => ID))) out(`${id}\n`)
    else if (format !== undefined && format !== 'table')
      for (const row of shown) out(`${renderTemplate(format, row)}\n`)
    else
      out(
        table(
          ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'],
          shown.map((row) => [row.Repository, row.Tag, row.ID, row.CreatedSince, row.Size]),
        ),
      )
    return 0
  },
}

export const inspect: Command = {
  name: 'docker image inspect',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  flags: { format: { type: 'string', short: 'f' }, type: { type: 'string' } },
  min: 1,
  max: Number.POSITIVE_INFINITY,
  async run(invocation, { positional, value }) {
    const found = positional.flatMap((text) => {
      const image = invocation.job.images.find(text)
      return image ? [describe(invocation, image)] : []
    })
    const missing = positional.filter((text) => !invocation.job.images.find(text))
    const format = value('format')
    if (format === undefined || format === 'json') invocation.out(`${JSON.stringify(found, null, 4)}\n`)
    else for (const image of found) invocation.out(`${renderTemplate(format, image)}\n`)
    for (const text of missing) invocation.err(`${noSuchImage(text).message}\n`)
    return missing.length > 0 ? 1 : 0
  },
}

function describe({ job }: Invocation, image: Image): Record<string, unknown> {
  const names = job.images
    .entries()
    .filter(([, other]) => other.id === image.id)
    .map(([name]) => name)
    .filter((name) => !name.startsWith('<none>'))
  const { config } = image
  return {
    Id: image.id,
    RepoTags: names.map(familiar),
    RepoDigests: [...new Set(names.map((name) => `${familiar(name.slice(0, name.lastIndexOf(':')))}@${image.digest}`))],
    Created: config.created,
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    Size: sizeOf(image),
    Config: config.config,
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
  }
}

export const remove: Command = {
  name: 'docker rmi',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  flags: { force: { type: 'boolean', short: 'f' }, 'no-prune': { type: 'boolean' } },
  min: 1,
  max: Number.POSITIVE_INFINITY,
  async run(invocation, { positional, is }) {
    const { job, out, err } = invocation
    let code = 0
    for (const text of positional) {
      const image = job.images.find(text)
      if (!image) {
        err(`${noSuchImage(text).message}\n`)
        if (!is('force')) code = 1
        continue
      }
      const names = job.images
        .entries()
        .filter(([, other]) => other.id === image.id)
        .map(([name]) => name)
      const byId = image.id.replace('sha256:', '').startsWith(text.replace('sha256:', ''))
      const { host, repository, tag } = byId ? { host: '', repository: '', tag: '' } : parseReference(text)
      const removed = byId ? names : names.filter((name) => name === `${host}/${repository}:${tag ?? 'latest'}`)
      if (byId && names.length > 1 && !is('force')) {
        err(
          `Error response from daemon: conflict: unable to delete ${text} (must be forced) - image is referenced in multiple repositories\n`,
        )
        code = 1
        continue
      }
      for (const name of removed) {
        job.images.remove(name)
        if (!name.startsWith('<none>')) out(`Untagged: ${familiar(name)}\n`)
      }
      if (removed.length === names.length) out(`Deleted: ${image.id}\n`)
    }
    return code
  },
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] as string).length)))
  return [titles, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] as number))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('')
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'Less than a second ago'
  const units: [number, string][] = [
    [86_400 * 365, 'year'],
    [86_400 * 30, 'month'],
    [86_400 * 7, 'week'],
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ]
  const [size, unit] = units.find(([size]) => seconds >= size) as [number, string]
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}
