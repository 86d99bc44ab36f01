import { blocked, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { inSync } from './argocd.ts'
import { cause } from './causes.ts'
import { allows } from './constraint.ts'
import { ALLOW_TAGS, AUTOMATION, applied, get, POLICY, reconciled, SCAN, WORKLOADS } from './flux.ts'
import { APP, CONFIG, DEPLOYMENTS } from './names.ts'
import { all, imageOf } from './objects.ts'
import { tagOf } from './pipeline.ts'
import { rolledOut } from './rollout.ts'
import { updaterLooks } from './updater.ts'
import { waitFor } from './waiting.ts'

/** Who brings a tag from the registry into Git, and from Git into the cluster. */
export type Carrier = 'Flux' | 'Argo CD'

const KUSTOMIZATION = 'workloads/kustomization.yaml'

/** The line of the configuration repository's main branch that holds the tag. */
async function tagLine(lab: Lab): Promise<{ readonly tag: string; readonly line: string } | undefined> {
  const text = await lab.gitlab.file(CONFIG, KUSTOMIZATION, 'main')
  const found = /^[\s-]*newTag:\s*["']?([^"'\s#]+).*$/m.exec(text ?? '')
  return found ? { tag: found[1] as string, line: found[0] } : undefined
}

/** The `newTag` of the configuration repository's main branch. */
export const tagInGit = async (lab: Lab): Promise<string | undefined> => (await tagLine(lab))?.tag

/** Whether the configuration repository names the newest image of the app, and if not, who will write it. */
export async function tagCommitted(lab: Lab, carrier: Carrier): Promise<Verdict> {
  const [pipeline] = await lab.gitlab.pipelines(APP)
  const wanted = pipeline ? tagOf(pipeline) : '1.0.1'
  const inGit = await tagLine(lab)
  if (inGit?.tag === wanted) return passed(`${CONFIG} says ${wanted}`)
  const late: Late = {
    expected: `${CONFIG} says newTag: ${wanted}`,
    found: `it says ${inGit?.tag ?? 'nothing'}`,
    wanted,
  }
  if (!inGit) {
    return blocked({
      ...late,
      found: `${KUSTOMIZATION} has no newTag`,
      cause: cause('no-kustomization'),
      next: `Bring the images of ${KUSTOMIZATION} back from $LAB_DIR/templates/config, commit and push.`,
    })
  }
  return carrier === 'Flux' ? lateByFlux(lab, late, inGit.line) : lateByUpdater(lab, late)
}

type Late = { readonly expected: string; readonly found: string; readonly wanted: string }

async function lateByFlux(lab: Lab, late: Late, line: string): Promise<Verdict> {
  const chain = await all(
    () => reconciled(lab, SCAN),
    () => reconciled(lab, POLICY),
    () => reconciled(lab, AUTOMATION),
  )
  if (chain.kind !== 'passed') return chain
  const range = (await get(lab, POLICY))?.['spec'].policy?.semver?.range
  if (range !== undefined && allows(String(range), late.wanted) === false) {
    return outside(late, `ImagePolicy nodeapp allows ${range}`, ALLOW_TAGS)
  }
  if (!line.includes('$imagepolicy')) {
    return blocked({
      expected: late.expected,
      found: `${late.found}, in a line without a marker`,
      cause: cause('no-marker'),
      next: `Write behind newTag in ${KUSTOMIZATION}: # {"$imagepolicy": "flux-system:nodeapp:tag"}`,
    })
  }
  const scanned = (await get(lab, SCAN))?.['status']?.lastScanResult?.latestTags ?? []
  const next = scanned.includes(late.wanted) ? AUTOMATION : SCAN
  return waitFor(lab, { ...late, actor: next.actor, on: `${next.kind} ${next.namespace}/${next.name}` })
}

type Commits = Awaited<ReturnType<Lab['gitlab']['commits']>>

/** The newest of these commits in which Image Updater writes a tag. */
export const byUpdater = (commits: Commits, tag: string): Commits[number] | undefined =>
  commits.find(({ author, message }) => author === 'argocd-image-updater' && message.includes(`to '${tag}'`))

async function lateByUpdater(lab: Lab, late: Late): Promise<Verdict> {
  const { verdict, constraint, until } = await updaterLooks(lab)
  if (verdict.kind !== 'passed') return verdict
  if (constraint !== undefined && allows(constraint, late.wanted) === false) {
    return outside(
      late,
      `ImageUpdater my-nodejs-app allows ${constraint}`,
      'Set the constraint behind imageName to ~1.0: the command of image-auto-deploy/image-updater does.',
    )
  }
  const commits = await lab.gitlab.commits(CONFIG, 'main')
  const its = byUpdater(commits, late.wanted)
  const reverted = its && commits[0]?.message.includes(`This reverts commit ${its.sha}`)
  const waiting = await waitFor(lab, {
    ...late,
    actor: 'Image Updater',
    on: 'ImageUpdater argocd/my-nodejs-app',
    until,
  })
  if (waiting.kind !== 'pending' || !reverted) return waiting
  return {
    ...waiting,
    cause: cause('tag-reverted'),
    next: `Revert the cause instead: cd "$LAB_DIR/${APP}" && git revert --no-edit HEAD && git push origin HEAD:main`,
  }
}

const outside = ({ expected, found }: Late, who: string, next: string): Verdict =>
  blocked({ expected, found: `${found}; ${who}`, cause: cause('tag-outside-constraint'), next })

/** Whether the cluster runs what the configuration repository names, and if not, who will apply it. */
export async function deployed(lab: Lab, carrier: Carrier): Promise<Verdict> {
  const wanted = (await tagInGit(lab)) ?? ''
  const image = imageOf(await lab.kube.get(DEPLOYMENTS, 'nodeapp', 'demo'))
  if (image.endsWith(`:${wanted}`)) return rolledOut(lab, 'nodeapp', 'demo')
  const late = await (carrier === 'Flux' ? applied(lab, WORKLOADS) : inSync(lab, 'my-nodejs-app'))
  if (late.kind !== 'passed') return late
  return blocked({
    expected: `deployment nodeapp runs ${wanted}`,
    found: image ? `it runs ${image}` : 'there is no deployment nodeapp in namespace demo',
    next: `Compare ${KUSTOMIZATION} with the Deployment: the image's name has to be the same in both.`,
  })
}
