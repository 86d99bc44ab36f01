import { pathOf } from '../../core/pages/parts.ts'
import type { commitView } from '../views.ts'
import type { Client } from './client.ts'
import type { PageContext, ProjectJson } from './view.ts'

export type CommitJson = ReturnType<typeof commitView>

/** The project that the address names. @throws ApiRefusal */
export const projectAt = (c: PageContext): Promise<ProjectJson> =>
  c.get('client').get(`/projects/${encodeURIComponent(`${c.req.param('user')}/${c.req.param('project')}`)}`)

/** The commit that a branch, a tag or a SHA names; undefined if there is none. */
export const commitAt = (client: Client, project: ProjectJson, ref: string): Promise<CommitJson | undefined> =>
  client.find(`/projects/${project.id}/repository/commits/${encodeURIComponent(ref)}?stats=false`)

export type Place = { readonly ref: string; readonly path: string; readonly commit: CommitJson }

/** Tells ref and path apart in `REF/PATH`: no branch can be the folder of another, so the first part that is one is it. */
export async function placeOf(client: Client, project: ProjectJson, text: string): Promise<Place | undefined> {
  const parts = text.split('/').filter(Boolean)
  for (let length = 1; length <= parts.length; length++) {
    const ref = parts.slice(0, length).join('/')
    const commit = await commitAt(client, project, ref)
    if (commit) return { ref, path: parts.slice(length).join('/'), commit }
  }
  return undefined
}

/** What follows `/-/KIND/` in the address, decoded. */
export function restOf(c: PageContext, kind: string): string {
  const [, rest = ''] = new URL(c.req.url).pathname.split(`/-/${kind}/`)
  try {
    return rest.split('/').map(decodeURIComponent).join('/')
  } catch {
    return ''
  }
}

/** `REF/PATH` as it stands in an address. */
export const encoded = (text: string): string => pathOf(...text.split('/').filter(Boolean))
