/** Where a port of a pod really is: a port on loopback of this machine. */
export type Listener = {
  readonly real: number
  /** The container listens on its own loopback only: reachable by port-forward and from its pod, not by its IP. */
  readonly local: boolean
  readonly container: string
}

/** The loopback ports behind the ports of pods, by the pods' IPs. */
export class PodNetwork {
  private readonly pods = new Map<string, Map<number, Listener>>()
  private readonly next = new Map<string, number>()
  private readonly busy = new Map<string, number>()
  private readonly idle = new Set<() => void>()

  /** Calls `onListen` with a container's id whenever it begins to listen. */
  constructor(private readonly onListen: (container: string) => void = () => {}) {}

  /** A free address of a /24 network given as `10.244.0`. @throws when all 254 are taken */
  allocate(network: string): string {
    for (let tries = 0; tries < 254; tries++) {
      const host = ((this.next.get(network) ?? 0) % 254) + 1
      this.next.set(network, host)
      const ip = `${network}.${host}`
      if (this.pods.has(ip)) continue
      this.pods.set(ip, new Map())
      return ip
    }
    throw new Error(`no IP addresses available in range set: ${network}.1-${network}.254`)
  }

  release(ip: string): void {
    this.pods.delete(ip)
  }

  /** Whether an address is that of a pod. */
  has(ip: string): boolean {
    return this.pods.has(ip)
  }

  listen(ip: string, port: number, listener: Listener): void {
    this.pods.get(ip)?.set(port, listener)
    this.onListen(listener.container)
  }

  close(ip: string, port: number, container: string): void {
    const ports = this.pods.get(ip)
    if (ports?.get(port)?.container === container) ports.delete(port)
  }

  /** Forgets every port of a container that ended. */
  closeAll(ip: string, container: string): void {
    for (const port of [...(this.pods.get(ip)?.keys() ?? [])]) this.close(ip, port, container)
  }

  /** The port to connect to for a pod's port; undefined when nothing listens. `inside` sees loopback listeners too. */
  find(ip: string, port: number, inside = false): number | undefined {
    const listener = this.pods.get(ip)?.get(port)
    return listener && (inside || !listener.local) ? listener.real : undefined
  }

  /** Counts a request to a pod that is under way until the returned function is called. */
  enter(ip: string): () => void {
    this.busy.set(ip, (this.busy.get(ip) ?? 0) + 1)
    let left = false
    return () => {
      if (left) return
      left = true
      const count = (this.busy.get(ip) ?? 1) - 1
      if (count > 0) this.busy.set(ip, count)
      else {
        this.busy.delete(ip)
        for (const check of [...this.idle]) check()
      }
    }
  }

  /** Resolves when no counted request to the pod is under way, or the signal is aborted. */
  untilIdle(ip: string, signal: AbortSignal): Promise<void> {
    if (!this.busy.has(ip) || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = () => {
        this.idle.delete(check)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const check = () => {
        if (!this.busy.has(ip)) finish()
      }
      this.idle.add(check)
      signal.addEventListener('abort', finish, { once: true })
    })
  }
}
