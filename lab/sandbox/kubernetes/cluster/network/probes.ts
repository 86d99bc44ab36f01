import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import type { PodNetwork } from '../runtime/network.ts'
import type { Probes } from '../webernetes/kubelet.ts'

const MOST_BODY = 10 * 1024

/** The kubelet's probes against the real ports of containers, with the real kubelet's words for what went wrong. */
export function createProbes(network: PodNetwork): Probes {
  const refused = (host: string, port: number) => `dial tcp ${host}:${port}: connect: connection refused`

  return {
    http: (url, headers, timeoutMs) =>
      new Promise((resolve) => {
        const secure = url.protocol === 'https:'
        const port = Number(url.port || (secure ? 443 : 80))
        const text = url.toString()
        const real = network.find(url.hostname, port)
        if (real === undefined) return resolve(['failure', `Get "${text}": ${refused(url.hostname, port)}`, undefined])
        const options = {
          host: '127.0.0.1',
          port: real,
          path: `${url.pathname}${url.search}`,
          headers: { host: url.host, ...shownHeaders(headers), connection: 'close' },
          agent: false as const,
          // The kubelet does not verify certificates either.
          rejectUnauthorized: false,
        }
        const probe = (secure ? secureRequest : request)(options, (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            if (body.length < MOST_BODY) body += chunk
          })
          response.on('end', () => {
            const status = response.statusCode ?? 0
            if (status >= 200 && status < 400) resolve(['success', body, undefined])
            else resolve(['failure', `HTTP probe failed with statuscode: ${status}`, undefined])
          })
          response.on('error', (error) => resolve(['failure', `Get "${text}": ${error.message}`, undefined]))
        })
        probe.setTimeout(timeoutMs, () => {
          const why = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
          resolve(['failure', `Get "${text}": ${why}`, undefined])
          probe.destroy()
        })
        probe.on('error', (error: NodeJS.ErrnoException) => {
          const why = error.code === 'ECONNREFUSED' ? refused(url.hostname, port) : 'EOF'
          resolve(['failure', `Get "${text}": ${why}`, undefined])
        })
        probe.end()
      }),

    tcp: (host, port, timeoutMs) =>
      new Promise((resolve) => {
        const real = network.find(host, port)
        if (real === undefined) return resolve(['failure', refused(host, port), undefined])
        const socket = connect({ host: '127.0.0.1', port: real, timeout: timeoutMs })
        const end = (result: Awaited<ReturnType<Probes['tcp']>>) => {
          socket.destroy()
          resolve(result)
        }
        socket.on('connect', () => end(['success', '', undefined]))
        socket.on('timeout', () => end(['failure', `dial tcp ${host}:${port}: i/o timeout`, undefined]))
        socket.on('error', () => end(['failure', refused(host, port), undefined]))
      }),
  }
}

/** Header names as given, without webernetes' own. */
const shownHeaders = (headers: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith('X-Webernetes'))
      .map(([name, values]) => [name.toLowerCase(), values.join(', ')]),
  )
