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
  /** What the work tree that the shell is in has that `origin`'s main branch has not. */
  readonly clone: { readonly branch: string; readonly changed: number; readonly unpushed: number } | undefined
  /** A port-forward that the present task shows, if nothing answers there. */
  readonly missingForward: { readonly port: number; readonly command: string } | undefined
}

/** In which ways a shell can differ from the lab's, by stable ids. */
export const SHELL_FINDINGS = [
  'kubeconfig',
  'context',
  'folder',
  'remote',
  'uncommitted',
  'unpushed',
  'port-forward',
] as const

export type ShellFinding = {
  readonly id: (typeof SHELL_FINDINGS)[number]
  readonly found: string
  readonly next: string
}

const ENTER = 'Type: eval "$(gitops-lab env)"   or work in: gitops-lab shell'

/** In which ways a shell is not the lab's, so that what is typed there would go elsewhere. Pure. */
export function shellFindings(facts: ShellFacts): readonly ShellFinding[] {
  const findings: ShellFinding[] = []
  const inLab = isWithin(facts.cwd, facts.labDir)
  const { origin, gitlabUrl, clone, missingForward } = facts
  const isOurs = origin !== undefined && gitlabUrl !== undefined && isUnder(origin, gitlabUrl)
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
  if (!inLab && !isOurs) {
    findings.push({
      id: 'folder',
      found: `this shell is in ${facts.cwd}, outside of the lab's folder.`,
      next: `Type: cd ${facts.labDir}`,
    })
  } else if (origin !== undefined && gitlabUrl !== undefined && !isOurs) {
    findings.push({
      id: 'remote',
      found: `the remote origin here is ${withoutSecret(origin)}, not on the lab's GitLab ${gitlabUrl}.`,
      next: `Type: git remote set-url origin ${gitlabUrl}/<user>/<project>.git`,
    })
  }
  if (isOurs && clone && clone.changed > 0) {
    findings.push({
      id: 'uncommitted',
      found: `${count(clone.changed, 'file')} changed here, and not committed.`,
      next: 'Type: git add . && git commit, then git push origin HEAD:main',
    })
  }
  if (isOurs && clone && clone.unpushed > 0) {
    findings.push({
      id: 'unpushed',
      found: `${count(clone.unpushed, 'commit')} on branch ${clone.branch} here, and not on main of the remote.`,
      next: 'Type: git push origin HEAD:main',
    })
  }
  if (missingForward) {
    findings.push({
      id: 'port-forward',
      found: `nothing answers on 127.0.0.1:${missingForward.port}, where this task's port-forward should.`,
      next: `Type, in a terminal that stays open: ${missingForward.command}`,
    })
  }
  return findings
}

const count = (number: number, noun: string): string => (number === 1 ? `1 ${noun} is` : `${number} ${noun}s are`)

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

const isUnder = (url: string, base: string): boolean => `${withoutUser(url)}/`.startsWith(`${base.replace(/\/$/, '')}/`)

const withoutUser = (url: string): string => url.replace(/^(\w+:\/\/)[^@/]*@/, '$1')

const withoutSecret = (url: string): string => url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1@')
