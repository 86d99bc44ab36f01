import { blocked, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { cause } from './causes.ts'
import { CONFIG } from './names.ts'
import { projectThere } from './projects.ts'

const FILES = ['namespaces/kustomization.yaml', 'workloads/kustomization.yaml', 'workloads/deployment.yaml']

/** Whether the configuration repository's main branch has its two folders, each with a kustomization. */
export async function configPushed(lab: Lab): Promise<Verdict> {
  const there = await projectThere(lab, CONFIG)
  if (there.kind !== 'passed') return there
  const expected = `${CONFIG} has namespaces/ and workloads/ on main`
  const found = await Promise.all(FILES.map((path) => lab.gitlab.file(CONFIG, path, 'main')))
  const missing = FILES.filter((_, at) => found[at] === undefined)
  if (missing.length === 0) return passed()
  const branches = await lab.gitlab.branches(CONFIG)
  if (branches.length > 0 && !branches.includes('main')) {
    return blocked({
      expected,
      found: `there is no branch main, but ${branches.join(', ')}`,
      cause: cause('wrong-branch'),
      next: 'git push origin HEAD:main',
    })
  }
  const isKustomization = branches.length > 0 && missing.every((path) => path.endsWith('kustomization.yaml'))
  return blocked({
    expected,
    found: `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not there`,
    cause: isKustomization ? cause('no-kustomization') : undefined,
    next: 'Copy the files from $LAB_DIR/templates/config, commit and push them: git push origin HEAD:main',
  })
}
