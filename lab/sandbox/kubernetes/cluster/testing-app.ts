import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PulledFiles } from './runtime/images.ts'

const SERVER = `
const http = require('node:http')
const fs = require('node:fs')
console.log('version', process.env.VERSION)
if (process.env.CRASH) throw new Error('boom')
let ready = true
const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app')
  if (pathname === '/healthz') { response.statusCode = ready ? 200 : 503; return response.end() }
  if (pathname === '/unready') { ready = false; return response.end('gone') }
  if (pathname === '/slow') return setTimeout(() => response.end('slow'), 150)
  if (pathname === '/file') { try { return response.end(fs.readFileSync(searchParams.get('path'))) } catch (error) { response.statusCode = 500; return response.end(error.code) } }
  if (pathname === '/fetch') return fetch(searchParams.get('url')).then((answer) => answer.text()).then((text) => response.end(text), (error) => response.end(error.cause?.code ?? String(error)))
  if (pathname === '/env') return response.end(JSON.stringify(process.env))
  response.end(JSON.stringify({ version: process.env.VERSION, host: require('node:os').hostname(), url: request.url }))
})
server.listen(8080, () => console.log('listening on', server.address().port))
process.on('SIGTERM', () => server.close())
`

/** An image made of a folder: a small web server that is started by `npm start` in /app. For tests. */
export function appImage(directory: string): PulledFiles {
  const app = join(directory, 'app')
  mkdirSync(app, { recursive: true })
  writeFileSync(join(app, 'server.js'), SERVER)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ scripts: { start: 'NODE_ENV=production node server.js' } }))
  const digest = `sha256:${'a'.repeat(64)}`
  return { digest, config: { config: { WorkingDir: '/app', Cmd: ['npm', 'start'] } }, rootfs: directory }
}
