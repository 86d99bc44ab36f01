import type { KubeObject, Resource, Writer } from '../../types.ts'
import { matcherOf } from '../registry/label-selector.ts'
import type { StoreRegistry } from '../registry/registry.ts'
import { equal } from '../registry/values.ts'
import { type Controller, type ControllerOptions, WorkQueue } from './work-queue.ts'

const WRITER: Writer = {
  user: 'system:serviceaccount:kube-system:clusterrole-aggregation-controller',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  fieldManager: 'clusterrole-aggregation-controller',
  force: true,
}

type Selector = Parameters<typeof matcherOf>[0]

/** The rules of all roles that the selectors of an aggregated role choose, by name, each rule once. */
function aggregatedRules(role: KubeObject, all: readonly KubeObject[]): unknown[] {
  const rules: unknown[] = []
  const byName = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  for (const selector of (role['aggregationRule']?.clusterRoleSelectors ?? []) as Selector[]) {
    const chosen = matcherOf(selector)
    for (const { metadata, rules: found } of byName) {
      if (metadata.name === role.metadata.name || !chosen(metadata.labels)) continue
      for (const rule of found ?? []) if (!rules.some((known) => equal(known, rule))) rules.push(rule)
    }
  }
  return rules
}

/** Fills the rules of ClusterRoles that have an `aggregationRule`. */
export class RoleAggregation implements Controller {
  private readonly queue: WorkQueue
  private readonly unsubscribe: () => void
  private readonly roles: Resource

  constructor(
    private readonly registry: StoreRegistry,
    { clock, log }: ControllerOptions,
  ) {
    this.roles = registry.find('rbac.authorization.k8s.io', 'clusterroles') as Resource
    this.queue = new WorkQueue(clock, () => this.reconcile(), log)
    this.queue.add('clusterroles')
    this.unsubscribe = registry.watch(this.roles, () => this.queue.add('clusterroles'))
  }

  close(): void {
    this.unsubscribe()
    this.queue.close()
  }

  private reconcile(): void {
    const all = this.registry.storage.list(this.roles, undefined)
    for (const role of all) {
      if (!role['aggregationRule']) continue
      const rules = aggregatedRules(role, all)
      if (equal(rules, role['rules'] ?? [])) continue
      const { apiVersion, kind } = role
      const { name } = role.metadata
      const body = { apiVersion, kind, metadata: { name }, rules }
      this.registry.patch(this.roles, undefined, name, { type: 'apply', body }, WRITER)
    }
  }
}
