import { createRegistryClient, RegistryError } from '../../registry/index.ts'
import { DockerError, storeCredentials } from '../job.ts'
import type { Command } from './command.ts'

/** The key under which docker keeps credentials of Docker Hub. */
const DOCKER_HUB = 'https://index.docker.io/v1/'

const hostOf = (server: string | undefined): string =>
  server?.replace(/^https?:\/\//, '').replace(/\/.*$/, '') || 'docker.io'

export const login: Command = {
  name: 'docker login',
  usage: '[OPTIONS] [SERVER]',
  flags: {
    username: { type: 'string', short: 'u' },
    password: { type: 'string', short: 'p' },
    'password-stdin': { type: 'boolean' },
  },
  min: 0,
  max: 1,
  async run(invocation, { positional, value, is }) {
    const { err, out } = invocation
    const fromStdin = is('password-stdin')
    const username = value('username')
    if (value('password') !== undefined) {
      err('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
      if (fromStdin) throw new DockerError('--password and --password-stdin are mutually exclusive')
    }
    if (fromStdin && !username) throw new DockerError('the --password-stdin option requires --username to be set')
    const password = fromStdin ? (await invocation.stdin()).replace(/\r?\n$/, '') : value('password')
    if (!username || password === undefined) {
      throw new DockerError('Error: Cannot perform an interactive login from a non TTY device')
    }
    if (password === '') throw new DockerError('Error: Password Required')
    const host = hostOf(positional[0])
    const credentials = { username, password }
    try {
      await createRegistryClient({ fetch: invocation.job.fetch, credentials }).ping(host)
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const message = error.status === 0 ? error.message : `Get "http://${host}/v2/": ${error.message}`
      throw new DockerError(`Error response from daemon: ${message}`)
    }
    const file = await storeCredentials(invocation, host, credentials)
    err(`\nWARNING! Your credentials are stored unencrypted in '${file}'.\n`)
    err('Configure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n')
    out('Login Succeeded\n')
    return 0
  },
}

export const logout: Command = {
  name: 'docker logout',
  usage: '[SERVER]',
  flags: {},
  min: 0,
  max: 1,
  async run(invocation, { positional }) {
    const host = hostOf(positional[0])
    const shown = host === 'docker.io' ? DOCKER_HUB : host
    const removed = await storeCredentials(invocation, host, undefined)
    invocation.out(removed ? `Removing login credentials for ${shown}\n` : `Not logged in to ${shown}\n`)
    return 0
  },
}
