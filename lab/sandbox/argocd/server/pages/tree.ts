import { html } from 'hono/html'
import type { Clock } from '../../../core/clock.ts'
import type { Html } from '../../../core/pages/document.ts'
import { ago } from '../../../core/pages/parts.ts'
import type { Application, ResourceStatus } from '../../application.ts'
import type { ResourceNode } from '../../controller/tree.ts'
import { healthBadge, syncBadge } from './view.ts'

type Named = { readonly group?: string; readonly kind: string; readonly namespace?: string; readonly name?: string }

export const keyOf = ({ group, kind, namespace, name }: Named): string =>
  [group, kind, namespace, name].map((part) => part ?? '').join('/')

/** The Application, what it manages, and what that owns, down to the pods. */
export function resourceTree(app: Application, nodes: readonly ResourceNode[], clock: Clock): Html {
  const managed = new Map((app.status?.resources ?? []).map((resource) => [keyOf(resource), resource]))
  const known = new Set(nodes.map(keyOf))
  const isTop = ({ parentRefs = [] }: ResourceNode) => !parentRefs.some((parent) => known.has(keyOf(parent)))
  const branch = (node: ResourceNode): Html => {
    const children = nodes.filter(({ parentRefs = [] }) => parentRefs.some((parent) => keyOf(parent) === keyOf(node)))
    return html`<li>${one(node, managed.get(keyOf(node)), clock)}${children.length > 0 && html`<ul>${children.map(branch)}</ul>`}</li>`
  }
  return html`<ul class="tree"><li><span class="node"><span class="soft">Application</span> <strong>${app.metadata.name}</strong>
${healthBadge(app.status?.health?.status)} ${syncBadge(app.status?.sync?.status)}</span><ul>${nodes.filter(isTop).map(branch)}</ul></li></ul>`
}

function one(node: ResourceNode, resource: ResourceStatus | undefined, clock: Clock): Html {
  const told = (node.info ?? []).filter(({ name }) => ['Status Reason', 'Containers', 'Revision'].includes(name))
  const facts = [...told.map(({ value }) => value), ...(resource?.requiresPruning ? ['requires pruning'] : [])]
  return html`<span class="node"><span class="soft">${node.kind}</span> <strong>${node.name}</strong> ${healthBadge(node.health?.status)}
${resource?.status && syncBadge(resource.status)}<span class="soft small">${facts.join(', ')} ${ago(node.createdAt, clock.now())}</span>
${node.health?.message && html`<span class="small">${node.health.message}</span>`}</span>`
}
