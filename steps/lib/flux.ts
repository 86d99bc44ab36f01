import { blocked, type KubeObject, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { meaningOf } from './answers.ts'
import { cause } from './causes.ts'
import {
  APP,
  CONFIG,
  GIT_REPOSITORIES,
  IMAGE_AUTOMATIONS,
  IMAGE_POLICIES,
  IMAGE_REPOSITORIES,
  KUSTOMIZATIONS,
} from './names.ts'
import { absent, all, complaint, condition, isReady, mergePatch, nameOf, type Wanted } from './objects.ts'
import { projectUrl, sameRepository } from './projects.ts'
import { waitFor } from './waiting.ts'

type FluxObject = Wanted & { readonly actor: string }

const object = (resource: string, kind: string, name: string, actor: string): FluxObject => ({
  resource,
  kind,
  name,
  actor,
  namespace: 'flux-system',
})

export const SOURCE = object(GIT_REPOSITORIES, 'GitRepository', CONFIG, 'source-controller')
export const NAMESPACES = object(KUSTOMIZATIONS, 'Kustomization', 'namespaces', 'kustomize-controller')
export const WORKLOADS = object(KUSTOMIZATIONS, 'Kustomization', 'workloads', 'kustomize-controller')
export const SCAN = object(IMAGE_REPOSITORIES, 'ImageRepository', 'nodeapp', 'image-reflector-controller')
export const POLICY = object(IMAGE_POLICIES, 'ImagePolicy', 'nodeapp', 'image-reflector-controller')
export const AUTOMATION = object(IMAGE_AUTOMATIONS, 'ImageUpdateAutomation', 'nodeapp', 'image-automation-controller')

export const INSTALL_FLUX = 'Install Flux: kubectl apply --server-side -f "$LAB_DIR/manifests/flux/install.yaml"'

export const get = (lab: Lab, { resource, name, namespace }: Wanted): Promise<KubeObject | undefined> =>
  lab.kube.get(resource, name, namespace)

/** Lets the policy choose among the tags that the pipeline pushes. */
export const ALLOW_TAGS = mergePatch(POLICY, { spec: { policy: { semver: { range: '~1.0' } } } })

/** Whether Flux has reconciled an object as it is now; if not, whose turn it is or what is wrong with it. */
export async function reconciled(lab: Lab, wanted: FluxObject): Promise<Verdict> {
  const expected = `${wanted.kind} ${wanted.name} is Ready`
  const found = await get(lab, wanted)
  if (!found) return absent(lab, wanted, expected, INSTALL_FLUX)
  const wrong = specTrouble(lab, wanted, found, expected)
  if (wrong) return wrong
  if (found['spec'].suspend === true) {
    return blocked({
      expected,
      found: `${nameOf(wanted)} is suspended`,
      cause: cause('suspended'),
      next: mergePatch(wanted, { spec: { suspend: false } }),
    })
  }
  const ready = condition(found, 'Ready')
  if (isReady(found)) return passed(ready?.message)
  const complains = complaint(found)
  if (complains) {
    const known = meaningOf(complains.message ?? '')
    return blocked({
      expected,
      found: `${complains.reason}: ${complains.message}`,
      cause: known && cause(known.cause),
      next:
        known?.cause === 'tag-outside-constraint'
          ? ALLOW_TAGS
          : (known?.next ?? `Mend what ${wanted.actor} complains of; it tries again by itself.`),
    })
  }
  return waitFor(lab, {
    expected,
    found: ready ? `Ready is ${ready.status}, ${ready.reason}: ${ready.message}` : 'it has no status',
    actor: wanted.actor,
    on: nameOf(wanted),
    until: nextReconcile(found),
  })
}

const PATHS: Readonly<Record<string, string>> = { namespaces: 'namespaces', workloads: 'workloads' }

/** What the spec itself says that cannot be right. */
function specTrouble(lab: Lab, wanted: FluxObject, { spec }: KubeObject, expected: string): Verdict | undefined {
  const url = projectUrl(lab, CONFIG)
  const patch = (value: unknown) => mergePatch(wanted, { spec: value })
  if (wanted.kind === 'GitRepository' && !sameRepository(String(spec.url), url)) {
    return blocked({
      expected,
      found: `its url is ${spec.url}`,
      cause: cause('wrong-repo-url'),
      next: patch({ url: `${url}.git` }),
    })
  }
  // Without a reference Flux takes the branch master (GitRepository API, spec.ref).
  const branch = spec.ref === undefined ? 'master' : spec.ref.branch
  if (wanted.kind === 'GitRepository' && branch !== undefined && branch !== 'main') {
    return blocked({
      expected,
      found: `its branch is ${branch}`,
      cause: cause('wrong-branch'),
      next: patch({ ref: { branch: 'main' } }),
    })
  }
  const image = `${lab.env['IMAGE_REGISTRY']}/${lab.env['GITLAB_USER']}/${APP}`
  if (wanted.kind === 'ImageRepository' && spec.image !== image) {
    return blocked({
      expected,
      found: `its image is ${spec.image}`,
      cause: cause('image-not-matched'),
      next: patch({ image }),
    })
  }
  const path = wanted.kind === 'Kustomization' ? PATHS[wanted.name] : undefined
  if (path !== undefined && folderOf(spec.path) !== path) {
    return blocked({
      expected,
      found: `its path is ${spec.path}`,
      cause: cause('wrong-path'),
      next: patch({ path: `./${path}` }),
    })
  }
  return undefined
}

/** A path within a repository without `./` before and `/` behind it. */
export const folderOf = (path: unknown): string =>
  String(path ?? '')
    .replace(/^(\.?\/)+/, '')
    .replace(/\/+$/, '')

/** When an object is reconciled again at the latest, by its interval and what its status says of the last time. */
function nextReconcile({ spec, status }: KubeObject): number | undefined {
  const last = Date.parse(status?.lastScanResult?.scanTime ?? status?.history?.[0]?.lastReconciled ?? '')
  const interval = millisecondsOf(String(spec.interval ?? ''))
  return Number.isNaN(last) || interval === undefined ? undefined : last + interval
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 }

function millisecondsOf(duration: string): number | undefined {
  const parts = [...duration.matchAll(/(\d+)(h|m|s)/g)]
  if (parts.length === 0) return undefined
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number), 0)
}

/** Whether Flux has applied a folder, and what it needs for it: the repository first, then what it depends on. */
export const applied = (lab: Lab, wanted: FluxObject): Promise<Verdict> =>
  all(
    () => reconciled(lab, SOURCE),
    ...(wanted === WORKLOADS ? [() => reconciled(lab, NAMESPACES)] : []),
    () => reconciled(lab, wanted),
    () => atHead(lab, wanted),
  )

/** Whether what Flux applied last is the newest commit of the configuration repository. */
async function atHead(lab: Lab, wanted: FluxObject): Promise<Verdict> {
  const [commit] = await lab.gitlab.commits(CONFIG, 'main')
  const source = await get(lab, SOURCE)
  const target = await get(lab, wanted)
  const revision = String(target?.['status']?.lastAppliedRevision ?? '')
  if (!commit || revision.endsWith(commit.sha)) return passed(revision)
  const fetched = String(source?.['status']?.artifact?.revision ?? '').endsWith(commit.sha)
  const late = fetched ? wanted : SOURCE
  return waitFor(lab, {
    expected: `${wanted.kind} ${wanted.name} is at commit ${commit.sha.slice(0, 8)}`,
    found: `it is at ${revision.slice(-40).slice(0, 8) || 'none'}`,
    actor: late.actor,
    on: nameOf(late),
  })
}
