import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The state LISTEN in /proc/net/tcp (include/net/tcp_states.h of Linux). */
const LISTEN = '0A'

/** `node (process 1234)`: who listens on a port, as far as /proc tells this user; undefined where there is no /proc. */
export function portOwner(port: number): string | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listening(table, port))
  const pids = tried(() => readdirSync('/proc')) ?? []
  const pid = pids.find((name) => /^\d+$/.test(name) && socketsOf(name).some((inode) => inodes.includes(inode)))
  const name = pid && tried(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim())
  return name && `${name} (process ${pid})`
}

function listening(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return (tried(() => readFileSync(table, 'utf8')) ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${wanted}`) && state === LISTEN)
    .map((fields) => fields[9] as string)
}

function socketsOf(pid: string): string[] {
  const descriptors = tried(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return descriptors.flatMap((descriptor) => {
    const target = tried(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`))
    return /^socket:\[(\d+)\]$/.exec(target ?? '')?.slice(1) ?? []
  })
}

/** Undefined for what this system does not have, does not show to this user, or no longer has. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
