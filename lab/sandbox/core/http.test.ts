import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { closeServer, isOwnHost, listenOnLoopback, PortTaken } from './http.ts'

describe('listenOnLoopback', () => {
  it('names a port that is taken, and who has it', async () => {
    const first = createServer()
    const port = await listenOnLoopback(first)
    const taken = listenOnLoopback(createServer(), port)
    await expect(taken).rejects.toBeInstanceOf(PortTaken)
    await expect(taken).rejects.toThrow(existsSync('/proc/net/tcp') ? `(process ${process.pid})` : 'another program')
    await closeServer(first)
  })

  it('is closed although a client holds a connection on which it has said nothing', async () => {
    const server = createServer()
    const port = await listenOnLoopback(server)
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve) => server.once('connection', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await closeServer(server)
    await closed
  })
})

describe('isOwnHost', () => {
  it('knows this machine and the names that are served, whatever the port', () => {
    for (const host of ['127.0.0.1:80', 'localhost', 'LOCALHOST.:8080', 'registry.lab.test']) {
      expect(isOwnHost(host, ['registry.lab.test'])).toBe(true)
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', undefined]) expect(isOwnHost(host)).toBe(false)
  })
})
