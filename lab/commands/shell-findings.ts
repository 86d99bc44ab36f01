/** What the shell that a command was called in looks like, beside what the lab's own would. */
export type ShellFacts = {
  readonly cwd: string
  readonly labDir: string
  /** The shell's KUBECONFIG. */
  readonly kubeconfig: string | undefined
  readonly labKubeconfig: string | undefined
  /** The current context of the file that kubectl would read. */
  readonly currentContext: string | undefined
  /** The contexts of the lab's kubeconfig. */
  readonly labContexts: readonly string[]
  /** `origin` of the work tree that the shell is in; undefined outside of one, or without that remote. */
  readonly origin: string | undefined
  readonly gitlabUrl: string | undefined
}

export type ShellFinding = {
  readonly id: 'kubeconfig' | 'context' | 'folder' | 'remote'
  readonly found: string
  readonly next: string
}

const ENTER = 'Type: eval "$(gitops-lab env)"   or work in: gitops-lab shell'

/** In which ways a shell is not the lab's, so that what is typed there would go elsewhere. Pure. */
export function shellFindings(facts: ShellFacts): readonly ShellFinding[] {
  const findings: ShellFinding[] = []
  const inLab = isWithin(facts.cwd, facts.labDir)
  if (facts.labKubeconfig !== undefined && facts.kubeconfig !== facts.labKubeconfig) {
    const where = facts.kubeconfig
      ? `${facts.kubeconfig} (KUBECONFIG)`
      : 'your own configuration (KUBECONFIG is not set)'
    const context = facts.currentContext === undefined ? '' : `, context ${facts.currentContext}`
    findings.push({
      id: 'kubeconfig',
      found: `kubectl in this shell uses ${where}${context}, not the lab's cluster.`,
      next: ENTER,
    })
  } else if (facts.labKubeconfig !== undefined && !facts.labContexts.includes(facts.currentContext ?? '')) {
    findings.push({
      id: 'context',
      found: `kubectl's current context is ${facts.currentContext ?? 'not set'}, which the lab's cluster is not.`,
      next: `Type: kubectl config use-context ${facts.labContexts[0] ?? 'gitops-lab'}`,
    })
  }
  if (!inLab) {
    findings.push({
      id: 'folder',
      found: `this shell is in ${facts.cwd}, outside of the lab's folder.`,
      next: `Type: cd ${facts.labDir}`,
    })
  } else if (facts.origin !== undefined && facts.gitlabUrl !== undefined && !isUnder(facts.origin, facts.gitlabUrl)) {
    findings.push({
      id: 'remote',
      found: `the remote origin here is ${withoutSecret(facts.origin)}, not on the lab's GitLab ${facts.gitlabUrl}.`,
      next: `Type: git remote set-url origin ${facts.gitlabUrl}/<user>/<project>.git`,
    })
  }
  return findings
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

const isUnder = (url: string, base: string): boolean => `${withoutUser(url)}/`.startsWith(`${base.replace(/\/$/, '')}/`)

const withoutUser = (url: string): string => url.replace(/^(\w+:\/\/)[^@/]*@/, '$1')

const withoutSecret = (url: string): string => url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1@')
