import { stringify } from 'yaml'

/** A kubeconfig with one context, `gitops-lab`, for a user with a token. */
export function kubeconfigFor(server: { readonly url: string; readonly ca: string; readonly token: string }): string {
  const name = 'gitops-lab'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: { server: server.url, 'certificate-authority-data': Buffer.from(server.ca).toString('base64') },
      },
    ],
    users: [{ name, user: { token: server.token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  })
}
