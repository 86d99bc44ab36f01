import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Outcome } from '../../engine/intents.ts'
import type { RemoteInput } from '../../engine/stage.ts'
import type { NotesContent } from './content.ts'
import { notesPage } from './page.ts'

export type NotesServer = {
  /** Valid once: whoever opens it first gets a cookie. */
  readonly url: string
  /** Tells open pages what to show. */
  tell(content: NotesContent): void
  close(): void
}

const char = (name: string): RemoteInput => ({
  kind: 'key',
  name: 'char',
  char: name,
  ctrl: false,
  meta: false,
  shift: false,
})
const PRESSED: Readonly<Record<string, RemoteInput>> = {
  next: { kind: 'key', name: 'enter', ctrl: false, meta: false, shift: false },
  now: char('t'),
  freeze: char('p'),
  blank: char('b'),
}

/** Serves the notes on the loopback interface, to one browser. */
export async function serveNotes(press: (input: RemoteInput) => Promise<Outcome>): Promise<NotesServer> {
  const token = secret()
  const session = secret()
  let used = false
  let latest = ''
  const pages = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const refuse = (status: number, why: string) => end(response, status, why)
    const { port } = server.address() as AddressInfo
    const cookie = `gitops_lab_notes_${port}`
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
    // A page of another name that leads to this address must not read the notes (DNS rebinding).
    if (!hosts.includes(request.headers.host ?? '')) return refuse(403, 'This address is for this machine alone.')
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${hosts[0]}`)
    const given = searchParams.get('token')
    if (request.method === 'GET' && pathname === '/' && given !== null) {
      if (used || !same(given, token)) {
        return refuse(403, 'This address was used already. `gitops-lab notes --browser` makes a new one.')
      }
      used = true
      const value = `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`
      response.writeHead(303, { location: '/', 'set-cookie': value, 'cache-control': 'no-store' }).end()
      return
    }
    if (!same(cookieOf(request, cookie), session)) return refuse(403, 'Open the address that the terminal shows.')
    if (request.method === 'GET' && pathname === '/') return sendPage(response)
    if (request.method === 'GET' && pathname === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(latest)
      pages.add(response)
      response.on('close', () => pages.delete(response))
      return
    }
    if (request.method !== 'POST' || pathname !== '/press') return refuse(404, 'There is nothing here.')
    if (!hosts.some((host) => request.headers.origin === `http://${host}`)) return refuse(403, 'From elsewhere.')
    body(request)
      .then(
        async (key) => {
          const input = PRESSED[key]
          if (!input) return refuse(400, 'No such key.')
          const outcome = await press(input)
          return outcome.ok ? end(response, 204, '') : refuse(409, outcome.why)
        },
        () => refuse(400, 'That cannot be read.'),
      )
      .catch(() => refuse(503, 'The lab is gone.'))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=${token}`,
    tell(content) {
      const message = `data: ${JSON.stringify(content)}\n\n`
      if (message === latest) return
      latest = message
      for (const page of pages) page.write(message)
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function sendPage(response: ServerResponse): void {
  const nonce = secret()
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(notesPage(nonce))
}

const end = (response: ServerResponse, status: number, text: string): void =>
  void response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end(text)

const LONGEST_BODY = 64

async function body(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > LONGEST_BODY) throw new Error('too long')
  }
  return text
}

const cookieOf = ({ headers }: IncomingMessage, name: string): string =>
  (headers.cookie ?? '')
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? ''

const secret = (): string => randomBytes(24).toString('base64url')

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
