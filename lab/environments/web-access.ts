/** The variable that lets web pages be reached through a host's port proxy: a port and the host names it is asked by. */
export const WEB_ACCESS = 'GITOPS_LAB_WEB'

/** Reads `PORT HOST…`. Undefined, and so loopback only, where the variable is not set. @throws Error */
export function webAccess(text: string | undefined): { port: number; hosts: readonly string[] } | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const [first = '', ...hosts] = text.trim().toLowerCase().split(/\s+/)
  const port = /^\d+$/.test(first) ? Number(first) : 0
  const odd = hosts.find((host) => !/^[a-z0-9.-]+$/.test(host))
  if (port < 1 || port > 65535 || odd !== undefined) {
    throw new Error(`${WEB_ACCESS} is a port and host names, "8929 lab.example", not "${text}"`)
  }
  return { port, hosts }
}
