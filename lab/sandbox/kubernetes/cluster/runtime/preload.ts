/**
 * What runs in front of a container's own program, as CommonJS text: the container's view of the network and of the
 * file system, inside the limits that Node's permission model sets. LAB_ROOT is the container's root on this machine.
 */
export const PRELOAD = `'use strict'
const net = require('node:net')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { fileURLToPath } = require('node:url')

const root = process.env.LAB_ROOT
delete process.env.LAB_ROOT
const send = process.send.bind(process)
delete process.send
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

const waiting = new Map()
let lastQuestion = 0
process.on('message', ({ answer, host, port, error }) => {
  const settle = waiting.get(answer)
  waiting.delete(answer)
  if (waiting.size === 0) process.channel.unref()
  if (settle) settle({ host, port, error })
})
process.channel.unref()
const ask = (question, settle) => {
  const id = ++lastQuestion
  waiting.set(id, settle)
  process.channel.ref()
  send({ ...question, question: id })
}

const failure = (call, code, address, port) =>
  Object.assign(new Error(call + ' ' + code + ' ' + (port === undefined ? address : address + ':' + port)),
    { errno: -os.constants.errno[code] || undefined, code, syscall: call.split(' ')[0], address, port })

const LOCAL = ['127.0.0.1', 'localhost', '::1']
const taken = new Set()
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const options = typeof args[0] === 'object' && args[0] !== null ? args[0]
    : { port: args[0], host: typeof args[1] === 'string' ? args[1] : undefined }
  const done = args.find((arg) => typeof arg === 'function')
  if (options.path !== undefined || (typeof args[0] === 'string' && !/^\\d+$/.test(args[0]))) return listen.apply(this, args)
  const wanted = Number(options.port ?? 0)
  const address = options.host ?? '::'
  if (wanted > 0 && taken.has(wanted)) {
    const error = Object.assign(failure('listen', 'EADDRINUSE', address, wanted),
      { message: 'listen EADDRINUSE: address already in use ' + (address === '::' ? ':::' : address + ':') + wanted })
    process.nextTick(() => this.emit('error', error))
    return this
  }
  if (wanted > 0) taken.add(wanted)
  this.once('listening', () => {
    const real = net.Server.prototype.address.call(this)
    const port = wanted || real.port
    this.address = () => ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', port })
    send({ listening: port, real: real.port, local: LOCAL.includes(address) })
    this.once('close', () => { taken.delete(port); delete this.address; send({ closed: port }) })
  })
  this.once('error', () => taken.delete(wanted))
  return listen.call(this, { port: 0, host: '127.0.0.1', backlog: options.backlog }, done)
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const normalized = Array.isArray(args[0]) ? args[0] : args
  const options = typeof normalized[0] === 'object' && normalized[0] !== null ? normalized[0]
    : { port: normalized[0], host: typeof normalized[1] === 'string' ? normalized[1] : undefined }
  const done = normalized.find((arg) => typeof arg === 'function')
  if (options.path !== undefined) return connect.apply(this, args)
  const host = options.host ?? 'localhost'
  const port = Number(options.port)
  this.connecting = true
  ask({ connect: host, port }, (found) => {
    if (this.destroyed) return
    if (found.error) return this.destroy(failure(found.error === 'ENOTFOUND' ? 'getaddrinfo' : 'connect', found.error, host,
      found.error === 'ENOTFOUND' ? undefined : port))
    this.connecting = false
    connect.call(this, { ...options, host: found.host, port: found.port, localAddress: undefined }, done)
  })
  return this
}

os.hostname = () => process.env.HOSTNAME ?? 'localhost'
os.tmpdir = () => '/tmp'

const inside = (name) => {
  const text = name instanceof URL ? fileURLToPath(name) : name
  if (typeof text !== 'string' || !path.isAbsolute(text)) return name
  return text === root || text.startsWith(root + path.sep) ? text : path.join(root, text)
}
const PATHS = ['access', 'appendFile', 'chmod', 'exists', 'lstat', 'mkdir', 'open', 'opendir', 'readFile', 'readdir', 'realpath',
  'rm', 'rmdir', 'stat', 'truncate', 'unlink', 'utimes', 'writeFile', 'mkdtemp']
const PAIRS = ['copyFile', 'rename', 'cp']
const wrap = (holder, name, count) => {
  const original = holder[name]
  if (typeof original !== 'function') return
  const wrapped = function (...args) {
    for (let at = 0; at < count; at++) args[at] = inside(args[at])
    return original.apply(this, args)
  }
  holder[name] = Object.assign(wrapped, original)
}
for (const holder of [fs, fs.promises]) {
  for (const name of PATHS) { wrap(holder, name, 1); if (holder === fs) wrap(holder, name + 'Sync', 1) }
  for (const name of PAIRS) { wrap(holder, name, 2); if (holder === fs) wrap(holder, name + 'Sync', 2) }
}
for (const name of ['createReadStream', 'createWriteStream', 'watch', 'watchFile', 'unwatchFile']) wrap(fs, name, 1)
const chdir = process.chdir
process.chdir = (directory) => chdir(inside(directory))
require('node:module').syncBuiltinESMExports()
`
