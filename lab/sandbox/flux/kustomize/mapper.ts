import type { DiscoveredResource, KubeClient, ResourceId } from '../../core/kube-client.ts'
import { groupOf, versionOf } from '../../core/kube-objects.ts'

/** A kind that the cluster does not have. */
export class NoMatch extends Error {
  override readonly name = 'NoMatch'

  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`)
  }
}

export type Mapping = ResourceId & { readonly namespaced: boolean }

/** Finds the resource of a kind; asks the API server again when it does not know it yet. */
export class ResourceMapper {
  private known: readonly DiscoveredResource[] | undefined

  constructor(private readonly kube: KubeClient) {}

  /** Without a version in `apiVersion` (a group alone) the preferred one. @throws NoMatch */
  async find(apiVersion: string, kind: string): Promise<Mapping> {
    const find = () => this.known?.find((one) => one.group === groupOf({ apiVersion }) && one.kind === kind)
    if (!find()) this.known = await this.kube.discover()
    const found = find()
    if (!found) throw new NoMatch(apiVersion, kind)
    const { group, version, plural, namespaced } = found
    return { group, version: versionOf({ apiVersion }) || version, plural, namespaced }
  }
}
