import { delimiter, dirname, join } from 'node:path'

type Options = {
  readonly kubeconfig: string
  readonly gitlab: { readonly url: string; readonly user: string; readonly token: string; readonly writeToken: string }
  /** `host:port`, for clients outside. */
  readonly registry: string
  /** The registry's name in image references. */
  readonly imageRegistry: string
  readonly labDir: string
  /** The lab's own programs. */
  readonly bin: string
  readonly path: string
}

/**
 * What commands and shells of the lab see: everything that is needed to work by hand. Git gets an author and, for this
 * GitLab alone, a credential helper that reads the token from the environment; the user's own helpers are switched off
 * for it, so that no token lands in a key chain or in a remote's URL.
 */
export function labVariables(options: Options): Record<string, string> {
  const { gitlab } = options
  const host = new URL(gitlab.url)
  const helper = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$GITLAB_USER" "$GITLAB_TOKEN"; }; f'
  const settings: [string, string][] = [
    ['user.name', gitlab.user],
    ['user.email', `${gitlab.user}@example.com`],
    ['init.defaultBranch', 'main'],
    [`credential.${host.origin}.helper`, ''],
    [`credential.${host.origin}.helper`, helper],
  ]
  return {
    KUBECONFIG: options.kubeconfig,
    // Otherwise kubectl writes into ~/.kube/cache.
    KUBECACHEDIR: join(dirname(options.kubeconfig), 'kubectl-cache'),
    GITLAB_URL: gitlab.url,
    GITLAB_USER: gitlab.user,
    GITLAB_TOKEN: gitlab.token,
    GITLAB_WRITE_TOKEN: gitlab.writeToken,
    REGISTRY: options.registry,
    IMAGE_REGISTRY: options.imageRegistry,
    LAB_DIR: options.labDir,
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
    GIT_TERMINAL_PROMPT: '0',
    PATH: [options.bin, options.path].join(delimiter),
  }
}
