import type { Lab, Verdict } from '../../lab/step.ts'
import { type CauseId, cause } from './causes.ts'
import { projectUrl, sameRepository } from './projects.ts'

/**
 * A `diagnose`: what the learner's clone says of a verdict that waits for them. What is not in GitLab yet stands nearest
 * to the start of the chain, so it goes before the cause that the verdict itself found.
 */
export const explainClone =
  (name: string) =>
  async (lab: Lab, verdict: Verdict): Promise<{ cause: ReturnType<typeof cause>; next: string } | undefined> => {
    if (verdict.kind !== 'blocked') return undefined
    const clone = await lab.git.status(name)
    if (!clone) return undefined
    const because = (id: CauseId, detail: string, command: string) => ({
      cause: cause(id, detail),
      next: `cd "$LAB_DIR/${name}" && ${command}`,
    })
    const origin = clone.remotes['origin']
    const wanted = projectUrl(lab, name)
    const pushed = await lab.gitlab.commits(name, 'main')
    const isPushed = clone.head !== null && pushed.some(({ sha }) => sha === clone.head)
    if (!isPushed && origin === undefined) {
      return because('wrong-remote', 'It has no remote origin.', `git remote add origin ${wanted}.git`)
    }
    if (!isPushed && origin !== undefined && !sameRepository(origin, wanted)) {
      return because(
        'wrong-remote',
        `Its origin is ${origin.replace(/\/\/[^@/]*@/, '//')}.`,
        `git remote set-url origin ${wanted}.git && git push origin HEAD:main`,
      )
    }
    if (clone.head === null) return because('nothing-committed', '', 'git add . && git commit -m "Add the files"')
    if (!isPushed) {
      const elsewhere = (await lab.gitlab.branches(name)).filter((branch) => branch !== 'main')
      if (pushed.length === 0 && elsewhere.length > 0) {
        return because('wrong-branch', `They are on ${elsewhere.join(', ')}.`, 'git push origin HEAD:main')
      }
      return because('not-pushed', `It is ${clone.head.slice(0, 8)}.`, 'git push origin HEAD:main')
    }
    if (clone.changed.length > 0 && !verdict.cause) {
      const files = clone.changed.slice(0, 3).join(', ')
      return because(
        'nothing-committed',
        `Changed: ${files}${clone.changed.length > 3 ? ', …' : ''}.`,
        'git add . && git commit -m "Change it" && git push origin HEAD:main',
      )
    }
    return undefined
  }
