/** The environment variable that tells the client where its daemon listens. */
export const SOCKET_VARIABLE = 'GITOPS_LAB_DOCKER_SOCKET'

/** One message of the client to the daemon, a JSON line each. */
export type ClientMessage =
  | { readonly argv: readonly string[]; readonly cwd: string; readonly env: Readonly<Record<string, string>> }
  | { readonly stdin: string }

/** One message of the daemon to the client. Bytes are in base64. */
export type DaemonMessage =
  | { readonly stdout: string }
  | { readonly stderr: string }
  /** Asks for standard input, which only some commands read. */
  | { readonly want: 'stdin' }
  | { readonly exit: number }

/** What a job runs as `docker`: it hands its arguments over and prints what comes back. CommonJS, any Node. */
export const CLIENT_SCRIPT = `'use strict'
const net = require('node:net')
const path = process.env.${SOCKET_VARIABLE} || ''
const socket = net.connect(path)
const send = (message) => socket.write(JSON.stringify(message) + '\\n')
let code = 1
let text = ''
socket.on('connect', () => {
  const env = {}
  for (const name of ['HOME', 'DOCKER_CONFIG', 'DOCKER_DEFAULT_PLATFORM']) {
    if (process.env[name] !== undefined) env[name] = process.env[name]
  }
  send({ argv: process.argv.slice(2), cwd: process.cwd(), env })
})
socket.setEncoding('utf8')
socket.on('data', (chunk) => {
  text += chunk
  for (let end = text.indexOf('\\n'); end >= 0; end = text.indexOf('\\n')) {
    const message = JSON.parse(text.slice(0, end))
    text = text.slice(end + 1)
    if (message.stdout !== undefined) process.stdout.write(Buffer.from(message.stdout, 'base64'))
    if (message.stderr !== undefined) process.stderr.write(Buffer.from(message.stderr, 'base64'))
    if (message.exit !== undefined) code = message.exit
    if (message.want === 'stdin') {
      const chunks = []
      process.stdin.on('data', (data) => chunks.push(data))
      process.stdin.on('end', () => send({ stdin: Buffer.concat(chunks).toString('base64') }))
    }
  }
})
socket.on('error', () => {
  process.stderr.write('Cannot connect to the Docker daemon at unix://' + path + '. Is the docker daemon running?\\n')
})
socket.on('close', () => {
  process.stdin.destroy()
  process.exitCode = code
})
`
