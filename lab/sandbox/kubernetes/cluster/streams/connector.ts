import { ApiError } from '../../../core/errors.ts'
import type { Connection, Connector } from '../../types.ts'
import type { StreamContext } from './context.ts'
import { attach, exec } from './exec.ts'
import { serveLog } from './log.ts'
import { forwardPorts } from './port-forward.ts'
import { proxy, proxyUpgrade } from './proxy.ts'

/** The subresources that are connections: logs, exec, attach, port-forward, and the proxies to pods and Services. */
export function createConnector(context: StreamContext): Connector {
  return {
    serve: (connection, response) => {
      switch (`${connection.resource.plural}/${connection.subresource}`) {
        case 'pods/log':
          return serveLog(context, connection, response)
        case 'pods/proxy':
        case 'services/proxy':
          return proxy(context, connection, response)
        case 'pods/exec':
        case 'pods/attach':
        case 'pods/portforward':
          throw new ApiError(400, 'unable to upgrade: missing upgrade headers in request', { reason: 'BadRequest' })
        default:
          throw unsupported(connection)
      }
    },
    upgrade: (connection, socket, head) => {
      switch (`${connection.resource.plural}/${connection.subresource}`) {
        case 'pods/exec':
          return exec(context, connection, socket, head)
        case 'pods/attach':
          return attach(context, connection, socket, head)
        case 'pods/portforward':
          return forwardPorts(context, connection, socket, head)
        case 'pods/proxy':
        case 'services/proxy':
          return proxyUpgrade(context, connection, socket, head)
        default:
          throw unsupported(connection)
      }
    },
  }
}

const unsupported = ({ resource, subresource }: Connection) =>
  new ApiError(404, `the server could not find the requested resource (${resource.plural}/${subresource})`, {
    reason: 'NotFound',
  })
