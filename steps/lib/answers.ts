import type { CauseId } from './causes.ts'

type Answer = { readonly pattern: RegExp; readonly cause: CauseId; readonly next: string }

/**
 * What services say when they refuse, as their documentation or source spells it, and what it means. The first that
 * matches counts. GitLab, GitLab CI, git, the registries, Go's network and TLS errors, kustomize, Kubernetes.
 */
const ANSWERS: readonly Answer[] = [
  {
    pattern: /certificate has expired or is not yet valid|token (?:is not valid yet|used before issued)/i,
    cause: 'clock-skew',
    next: 'Set the clock of this machine and of the cluster, then wait for the next try.',
  },
  {
    pattern: /no such host|network is unreachable|could not resolve host|i\/o timeout|Temporary failure in name/i,
    cause: 'no-network',
    next: 'Look at the network of this machine and of the cluster; it tries again by itself.',
  },
  {
    pattern: /toomanyrequests|too many requests|\b429\b|rate limit/i,
    cause: 'rate-limit',
    next: 'Wait some minutes, or pull as a user: `docker login`, or a pull secret.',
  },
  {
    pattern: /identity verification|verify your (?:identity|account)|user_not_verified/i,
    cause: 'runners-not-verified',
    next: 'Verify your identity in GitLab (User settings > Account), or give the project a runner of your own.',
  },
  {
    pattern: /ci_quota_exceeded|compute (?:minutes )?quota|out of compute minutes/i,
    cause: 'quota-exceeded',
    next: 'Give the project a runner of your own, or buy compute minutes, then push again.',
  },
  {
    pattern: /metadata\.annotations: Too long/i,
    cause: 'client-side-apply',
    next: 'Apply the manifest with --server-side --force-conflicts.',
  },
  {
    pattern: /\b403\b|not allowed to (?:push|upload)|insufficient_scope/i,
    cause: 'token-cannot-write',
    next: 'Put a token with the scope write_repository into the Secret: $GITLAB_WRITE_TOKEN.',
  },
  {
    pattern: /secrets? "[^"]*" not found|secret[^:]* not found|does not contain (?:field|github)/i,
    cause: 'secret-missing',
    next: 'Create the Secret under the name that is asked for, with username and password.',
  },
  {
    pattern: /authentication (?:failed|required)|access denied|\b401\b|unauthorized|invalid credentials/i,
    cause: 'token-refused',
    next: 'Put a valid token into the Secret: $GITLAB_WRITE_TOKEN.',
  },
  {
    pattern: /repository not found|project you were looking for could not be found/i,
    cause: 'wrong-repo-url',
    next: 'Set the URL to the configuration repository of this lab.',
  },
  {
    pattern: /couldn't find remote ref|reference not found|unable to resolve '[^']*' to a commit/i,
    cause: 'wrong-branch',
    next: 'Name the branch main, or push to it: git push origin HEAD:main',
  },
  {
    pattern: /app path does not exist|kustomization path not found|path not found/i,
    cause: 'wrong-path',
    next: 'Name a folder that the repository has: namespaces or workloads.',
  },
  {
    pattern: /unable to find one of 'kustomization.yaml'|could not find kustomization/i,
    cause: 'no-kustomization',
    next: 'Commit a kustomization.yaml that lists the manifests of the folder, and push.',
  },
  {
    pattern: /unable to determine latest version|version list argument cannot be empty|matched constraint/i,
    cause: 'tag-outside-constraint',
    next: 'Allow the tags that the pipeline pushes: the constraint ~1.0.',
  },
  {
    pattern: /no matches for kind|could not find the requested resource/i,
    cause: 'definition-missing',
    next: 'Install the manifest that brings this kind, then wait for the next try.',
  },
  {
    pattern: /yaml|kustomize build failed|error unmarshaling|failed to unmarshal|accumulating resources/i,
    cause: 'manifest-yaml',
    next: 'Mend the file in the configuration repository, commit and push.',
  },
]

/** What an answer of a service means, if it is one that is known. */
export function meaningOf(text: string): { readonly cause: CauseId; readonly next: string } | undefined {
  const answer = ANSWERS.find(({ pattern }) => pattern.test(text))
  return answer && { cause: answer.cause, next: answer.next }
}
