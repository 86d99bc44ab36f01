/** Where a name leads: a loopback address, and whether the program behind it speaks TLS. */
export type Endpoint = { readonly host: string; readonly port: number; readonly tls: boolean }

/**
 * Name resolution inside the sandbox. The fixed names (`registry.lab.test`) and Service names
 * (`argocd-repo-server.argocd.svc`, with or without `.cluster.local`, trailing dot allowed) lead to loopback ports.
 */
export interface Names {
  /** The endpoint behind a host and port; undefined when the name is no name of the sandbox. Throws `ECONNREFUSED`-like errors when a Service has no ready endpoint. */
  resolve(host: string, port: number): Promise<Endpoint | undefined>
  /** `fetch` with this name resolution. The Host header keeps the name. */
  fetch(url: string, init?: RequestInit): Promise<Response>
}
