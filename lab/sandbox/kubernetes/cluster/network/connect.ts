import { isIP } from 'node:net'
import type { Names } from '../../../core/names.ts'
import type { Connected } from '../runtime/container.ts'
import type { PodNetwork } from '../runtime/network.ts'
import { NoEndpoint, type ServiceRouter } from './services.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '0.0.0.0', '::']

/**
 * Where a connection from inside a pod leads: its own ports, other pods, Services by address or name (short names in
 * the pod's own namespace), the sandbox's fixed names, and otherwise the world outside. This machine's own loopback
 * is not a pod's.
 */
export function createConnect(options: {
  readonly network: PodNetwork
  readonly router: ServiceRouter
  readonly names: Names
  readonly namespaceOf: (podIp: string) => string
}): (podIp: string, host: string, port: number) => Promise<Connected> {
  const { network, router, names } = options
  const loopback = (port: number | undefined): Connected =>
    port === undefined ? { error: 'ECONNREFUSED' } : { host: '127.0.0.1', port }

  return async (podIp, host, port) => {
    if (LOOPBACK.includes(host)) return loopback(network.find(podIp, port, true))
    if (network.has(host)) return loopback(network.find(host, port, host === podIp))
    try {
      if (isIP(host)) {
        const service = router.byClusterIp(host)
        if (!service) return { host, port }
        const { namespace = '', name } = service.metadata
        if (namespace === 'default' && name === 'kubernetes') return await byName('kubernetes.default.svc', port)
        return router.locate(router.pick(namespace, name, String(port)))
      }
      return await byName(qualified(host, options.namespaceOf(podIp)), port, host)
    } catch (error) {
      if (!(error instanceof NoEndpoint)) throw error
      if (error.kind !== 'NotFound') return { error: 'ECONNREFUSED' }
      // `gitlab.com` could have been the Service `gitlab` of a namespace `com`; it is not.
      return host.split('.').length === 2 ? { host, port } : { error: 'ENOTFOUND' }
    }
  }

  async function byName(name: string, port: number, asked = name): Promise<Connected> {
    const endpoint =
      (await names.resolve(asked, port)) ?? (name === asked ? undefined : await names.resolve(name, port))
    return endpoint ?? { host: asked, port }
  }
}

/** The search path of a pod: `web` and `web.other` are Services, what has more dots is left as it is. */
function qualified(host: string, namespace: string): string {
  const dots = host.split('.').length - 1
  if (dots === 0) return `${host}.${namespace}.svc`
  return dots === 1 ? `${host}.svc` : host
}
