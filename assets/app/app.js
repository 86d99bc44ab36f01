import { readFileSync } from 'node:fs'

const users = JSON.parse(readFileSync(new URL('users.json', import.meta.url), 'utf8'))

const json = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

export function handle(request, response) {
  const { pathname } = new URL(request.url, 'http://app')
  if (request.method !== 'GET') return json(response, 405, { error: 'only GET is answered here' })
  if (pathname === '/healthz') return json(response, 200, { status: 'ok' })
  if (pathname === '/listUsers') return json(response, 200, users)
  return json(response, 404, { error: `nothing is found at ${pathname}` })
}
