import type { Verdict } from '../../lab/step.ts'

/** Why something does not go on, by a stable id. In the order of the chain: what comes first stands in the way first. */
export const CAUSES = {
  'tool-missing': 'A program that the steps run is not installed.',
  'token-refused': 'The token is wrong, expired or revoked.',
  'token-cannot-write': 'The token may read the repository, but not write to it.',
  'no-network': 'The service cannot be reached from here: there is no network, or no such name.',
  'clock-skew': 'A clock is wrong: a certificate or a token counts as not yet valid, or as expired.',
  'rate-limit': 'The service refuses for a while, because too much was asked of it.',
  'project-name-taken': 'Another project of yours has this name, so GitLab refuses to create it.',
  'private-project': 'The project is private, and the cluster has no secret to pull its images.',
  'wrong-remote': 'Your clone pushes to another repository.',
  'nothing-committed': 'What you changed is not committed.',
  'wrong-branch': 'The commits are on another branch than main.',
  'not-pushed': 'The commit is in your clone only.',
  'no-pipeline': 'A pipeline needs a .gitlab-ci.yml in the commit that is pushed.',
  'ci-yaml': 'GitLab cannot read .gitlab-ci.yml.',
  'runners-not-verified': 'GitLab gives its own runners only to accounts whose identity it has verified.',
  'quota-exceeded': 'The compute minutes of this month are used up.',
  'pipeline-running': 'The pipeline of the last commit still runs.',
  'tests-failed': 'The tests of the last commit fail, so no image is built.',
  'image-build-failed': 'The image of the last commit could not be built or pushed.',
  'job-failed': 'A job of the pipeline failed.',
  'other-image-name': 'The pipeline pushed its image under another name or tag.',
  'tag-outside-constraint': 'The constraint does not allow the new tag.',
  'no-marker': 'The line with newTag has no $imagepolicy comment, so the automation does not know what to write there.',
  'manifest-yaml': 'A file of the configuration repository cannot be read as Kubernetes manifests.',
  'no-kustomization': 'The folder has no kustomization.yaml that says what belongs to it.',
  'tag-reverted': 'The commit of the tag was reverted, but the newest allowed tag is still the same.',
  'definition-missing': 'The cluster does not know this kind: its CustomResourceDefinition is not installed.',
  'client-side-apply': 'Client-side apply keeps the manifest in an annotation, which this one is too large for.',
  'wrong-namespace': 'It is in another namespace, where nobody looks for it.',
  'wrong-repo-url': 'It reads another repository.',
  'wrong-path': 'It reads another folder of the repository.',
  'secret-missing': 'The Secret that it names does not exist.',
  'no-label': 'The Secret has no label argocd.argoproj.io/secret-type: repository.',
  'controller-missing': 'The controller that should act is not installed.',
  'controller-scaled-to-zero': 'The controller that should act is scaled to zero.',
  'controller-crashing': 'The controller that should act does not start.',
  suspended: 'It is suspended, so its controller leaves it alone.',
  'suspended-wrong-object': 'Another object was suspended instead.',
  'kustomization-deleted': 'It was deleted before it was suspended, and with prune its workloads went with it.',
  'sync-paused': 'Automated sync is off or paused, so Argo CD only compares.',
  'sync-failed': 'The last sync failed, and Argo CD does not try the same commit again.',
  'flux-active': 'Flux still reconciles the same objects, so two controllers write.',
  'image-not-matched': 'It names another image or Application than what runs.',
  'image-missing': 'The image is not in the registry under this name and tag.',
  'app-crashes': 'The application ends as soon as it starts.',
  'app-not-ready': 'The application runs, but does not answer its readiness probe.',
  'pods-replaced': 'Something changed the pod template or deleted pods.',
} as const satisfies Readonly<Record<string, string>>

export type CauseId = keyof typeof CAUSES

type Cause = NonNullable<Extract<Verdict, { kind: 'blocked' }>['cause']>

/** A cause as verdicts name it; the detail is what was seen of it here. */
export const cause = (id: CauseId, detail?: string): Cause => ({
  id,
  text: detail ? `${CAUSES[id]} ${detail}` : CAUSES[id],
})
