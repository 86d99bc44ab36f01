import { stat } from 'node:fs/promises'
import { parseReference, type Reference, RegistryError } from '../../registry/index.ts'
import { type Base, BuildFailed, build as buildImage } from '../build/build.ts'
import { isNodeImage, nodeConfig } from '../build/image.ts'
import { buildPaths, displayName } from '../build/names.ts'
import { Progress } from '../build/progress.ts'
import { cut } from '../dockerfile/stages.ts'
import { DockerError, type Invocation } from '../job.ts'
import type { Arguments, FlagSpec } from './arguments.ts'
import type { Command } from './command.ts'
import { pullImage, pushImage } from './transfer.ts'

const cache = 'nothing is cached between builds here'
const flags: Readonly<Record<string, FlagSpec>> = {
  tag: { type: 'list', short: 't' },
  file: { type: 'string', short: 'f' },
  'build-arg': { type: 'list' },
  label: { type: 'list' },
  target: { type: 'string' },
  platform: { type: 'list' },
  pull: { type: 'boolean' },
  push: { type: 'boolean' },
  load: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  provenance: { type: 'string' },
  sbom: { type: 'string' },
  progress: { type: 'string' },
  rm: { type: 'boolean' },
  'force-rm': { type: 'boolean' },
  'no-cache': { type: 'boolean' },
  'cache-from': { type: 'list' },
  'cache-to': { type: 'list', unsupported: cache },
  output: { type: 'string', short: 'o', unsupported: 'use --load or --push' },
  secret: { type: 'list', unsupported: 'RUN has no mounts here' },
  ssh: { type: 'list', unsupported: 'RUN has no mounts here' },
  network: { type: 'string', unsupported: 'RUN has no network here' },
  'build-context': { type: 'list', unsupported: 'give one context' },
  iidfile: { type: 'string', unsupported: 'use --quiet, which prints the image ID' },
  'metadata-file': { type: 'string', unsupported: 'use docker image inspect' },
  builder: { type: 'string', unsupported: 'there is one builder' },
  attest: { type: 'list', unsupported: 'attestations are not made here' },
}

const command = (name: string): Command => ({
  name,
  usage: '[OPTIONS] PATH | URL | -',
  flags,
  min: 1,
  max: 1,
  run: (invocation, given) => run(invocation, given, name),
})

export const build = command('docker build')
export const buildxBuild = command('docker buildx build')

async function run(invocation: Invocation, given: Arguments, name: string): Promise<number> {
  const { job, cwd, err, out } = invocation
  const tags = given.values('tag').map((text) => parseTag(text, name))
  refuseAttestations(given)
  if (given.is('push') && tags.length === 0) throw new DockerError('ERROR: tag is needed when pushing to registry')
  const platform = platformOf(given, invocation.env)
  const source = given.positional[0] as string
  if (source === '-' || /^(https?|git|ssh):|^git@/.test(source)) {
    throw new DockerError(`ERROR: not supported in this sandbox: the build context ${source}; give a folder`)
  }
  const paths = buildPaths(cwd, source, given.value('file'))
  const isFolder = await stat(paths.context).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new DockerError(`ERROR: unable to prepare context: path "${source}" not found`)
  const quiet = given.is('quiet')
  const print = (line: string) => (quiet ? undefined : err(`${line}\n`))
  const progress = new Progress(print, job.now)
  if (given.values('cache-from').length > 0) print(`note: --cache-from has no effect: ${cache}`)
  try {
    const image = await buildImage(
      {
        ...paths,
        buildArgs: new Map(given.values('build-arg').map((text) => withValue(text, invocation.env))),
        labels: Object.fromEntries(given.values('label').map((text) => [cut(text)[0], cut(text)[1] ?? ''])),
        target: given.value('target'),
        platform,
        created: new Date(job.now()).toISOString(),
        base: (reference, platform) => baseOf(invocation, reference, platform, given.is('pull')),
        signal: invocation.signal,
      },
      progress,
    )
    await progress.step('exporting to image', async (log) => {
      log(`exporting ${image.layers.length} layer${image.layers.length === 1 ? '' : 's'} done`)
      log(`writing image ${image.id} done`)
      if (tags.length === 0) job.images.keep(image)
      for (const { text, reference } of tags) {
        job.images.set(reference, image)
        log(`naming to ${displayName(text)} done`)
      }
      if (!given.is('push')) return
      for (const { text, reference } of tags) {
        log(`pushing manifest for ${displayName(text)}@${image.digest}`)
        await pushImage(invocation, reference, image)
      }
    })
    if (quiet) out(`${image.id}\n`)
    return 0
  } catch (error) {
    if (invocation.signal.aborted) throw error
    const lines = error instanceof BuildFailed ? error.details : []
    const message =
      error instanceof RegistryError ? `failed to solve: failed to push: ${error.message}` : (error as Error).message
    throw new DockerError([...lines, `ERROR: ${message}`].join('\n'))
  }
}

function parseTag(text: string, name: string): { text: string; reference: Reference } {
  try {
    const reference = parseReference(text)
    if (reference.digest !== undefined) throw new Error('invalid reference format')
    return { text, reference }
  } catch (error) {
    throw new DockerError(
      `invalid argument "${text}" for "-t, --tag" flag: ${(error as Error).message}\n\nUsage:  ${name} [OPTIONS] PATH | URL | -\n\nRun '${name} --help' for more information`,
      125,
    )
  }
}

function refuseAttestations(given: Arguments): void {
  for (const flag of ['provenance', 'sbom']) {
    const value = given.value(flag)
    if (value !== undefined && value !== 'false') {
      throw new DockerError(
        `ERROR: not supported in this sandbox: --${flag}=${value}; attestations are not made here, --${flag}=false is what happens`,
      )
    }
  }
}

function platformOf(given: Arguments, env: Readonly<Record<string, string>>): string {
  const asked = given.values('platform').flatMap((value) => value.split(','))
  const [platform = env['DOCKER_DEFAULT_PLATFORM'] ?? 'linux/amd64', ...others] = asked
  if (others.length > 0)
    throw new DockerError('ERROR: Multi-platform build is not supported in this sandbox: give one --platform')
  if (!/^linux\/(amd64|arm64(\/v8)?|arm\/v[67]|386|ppc64le|s390x|riscv64)$/.test(platform)) {
    throw new DockerError(
      `ERROR: failed to parse platform ${platform}: not supported in this sandbox: images here are for linux`,
    )
  }
  return platform
}

/** A build argument without a value takes the client's environment, of which the client sends only a few names. */
function withValue(text: string, env: Readonly<Record<string, string>>): readonly [string, string] {
  const [name, value] = cut(text)
  if (value !== undefined) return [name, value]
  if (env[name] !== undefined) return [name, env[name]]
  throw new DockerError(
    `ERROR: not supported in this sandbox: --build-arg ${name} without a value; write --build-arg ${name}="$${name}"`,
  )
}

/** The image that FROM or `COPY --from` names: one of this job, a built-in Node base, or one of a registry. */
async function baseOf(invocation: Invocation, text: string, platform: string, pull: boolean): Promise<Base> {
  const { job } = invocation
  const reference = parseReference(text)
  const local = pull ? undefined : job.images.find(text)
  if (local) return { config: local.config, layers: local.layers, builtIn: false }
  if (isNodeImage(reference.host, reference.repository, reference.tag ?? 'latest') && !reference.digest) {
    const [, architecture = 'amd64'] = platform.split('/')
    const note = `built in: no layers; pods run it with Node ${job.nodeVersion} of this machine`
    return { config: nodeConfig(job.nodeVersion, architecture), layers: [], builtIn: true, note }
  }
  try {
    const { config, layers } = await pullImage(invocation, reference, platform)
    return { config, layers, builtIn: false }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    if (reference.host === 'docker.io' && reference.repository === 'library/node')
      throw new Error(`${displayName(text)}: not found`)
    if (error.status === 404) throw new Error(`${displayName(text)}: not found`)
    if (error.status !== 0) throw error
    throw new Error(
      `failed to do request: ${error.message.replace(/^Get /, 'Head ')} (in this sandbox images are built from node, scratch or registry.lab.test)`,
    )
  }
}
