import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Names } from '../../core/names.ts'
import { sortedJson } from '../json.ts'
import { track } from '../tracking.ts'
import { Checkouts } from './checkout.ts'
import type {
  ManifestRequest,
  ManifestResponse,
  Repository,
  RevisionMetadata,
  RevisionRequest,
  RevisionResponse,
} from './protocol.ts'
import { isCommit, listRefs, resolveRevision } from './refs.ts'
import { type RenderTools, render } from './render.ts'

/** How long an answer to "what is the branch now" is good enough for who does not ask for a fresh one. */
const REVISION_CACHE = 180_000
const RENDERED = 200

/** What argocd-repo-server does: from a source to objects, with the same answers from a cache while they hold. */
export class RepoService {
  private readonly revisions = new Map<string, { commit: string; until: number }>()
  private readonly rendered = new Map<string, ManifestResponse>()
  private readonly checkouts: Checkouts

  constructor(private readonly tools: RenderTools & { readonly names: Names; readonly clock: Clock }) {
    this.checkouts = new Checkouts(join(tools.scratch, 'repositories'), tools.names)
  }

  async generateManifest(request: ManifestRequest): Promise<ManifestResponse> {
    const { repository, source, app, trackingMethod } = request
    const commit = await this.resolve(repository, request.revision, request.noRevisionCache ?? false)
    const { targetRevision: _, ...described } = source
    const key = sortedJson([repository.url, commit, described, app, trackingMethod])
    const known = request.noCache ? undefined : this.rendered.get(key)
    if (known) return known
    const tree = await this.checkouts.checkout(repository, commit, this.tools.signal)
    const { sourceType, objects } = await render({ root: tree.root, commit: tree.commit, source, app }, this.tools)
    const manifests = objects.map((object) => track(object, app.name, app.namespace, trackingMethod))
    const response: ManifestResponse = { revision: tree.commit, sourceType, manifests }
    this.rendered.delete(key)
    this.rendered.set(key, response)
    const [oldest] = this.rendered.keys()
    if (this.rendered.size > RENDERED && oldest !== undefined) this.rendered.delete(oldest)
    return response
  }

  async resolveRevision(request: RevisionRequest): Promise<RevisionResponse> {
    return { revision: await this.resolve(request.repository, request.revision, true) }
  }

  async revisionMetadata({ repository, revision }: RevisionRequest): Promise<RevisionMetadata> {
    const commit = await this.resolve(repository, revision, false)
    return this.checkouts.metadata(repository, commit, this.tools.signal)
  }

  private async resolve(repository: Repository, revision: string, fresh: boolean): Promise<string> {
    if (isCommit(revision)) return revision
    const key = sortedJson([repository.url, repository.credentials, revision])
    const known = this.revisions.get(key)
    if (known && !fresh && known.until > this.tools.clock.now()) return known.commit
    const commit = resolveRevision(await listRefs(this.tools.names, repository), revision)
    this.revisions.set(key, { commit, until: this.tools.clock.now() + REVISION_CACHE })
    return commit
  }
}
