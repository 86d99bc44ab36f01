import { blocked, type Lab, passed, type Verdict } from '../../lab/step.ts'
import { cause } from './causes.ts'

/** The address of a project of this lab, without `.git`. */
export const projectUrl = (lab: Lab, name: string): string =>
  `${lab.env['GITLAB_URL']}/${lab.env['GITLAB_USER']}/${name}`

/** Whether two addresses mean the same repository: with or without `.git`, a user, a slash at the end. */
export const sameRepository = (a: string, b: string): boolean => plain(a) === plain(b)

const plain = (url: string): string =>
  url
    .replace(/^(\w+:\/\/)[^@/]*@/, '$1')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')

/** Whether a project is there, and if not, why GitLab did not create or show it. */
export async function projectThere(lab: Lab, name: string): Promise<Verdict> {
  const project = await lab.gitlab.project(name)
  if (project) return passed(project.webUrl)
  const expected = `a project ${name}`
  if (!(await lab.gitlab.user())) {
    return blocked({
      expected,
      found: 'GitLab does not accept $GITLAB_TOKEN',
      cause: cause('token-refused'),
      next: 'Give the lab a valid token with the scope api; `gitops-lab status` tells which GitLab it is for.',
    })
  }
  const other = (await namedAlike(lab, name)).find((candidate) => candidate.name === name && candidate.path !== name)
  if (other) {
    return blocked({
      expected,
      found: `the project ${other.path_with_namespace} is called ${name}`,
      cause: cause('project-name-taken'),
      next: `Change its path to ${name} in its settings (Advanced), or rename it and create ${name}.`,
    })
  }
  return blocked({
    expected,
    found: 'there is none',
    next: 'Create it: the command of this task does, or its first push.',
  })
}

type Named = { readonly name: string; readonly path: string; readonly path_with_namespace: string }

async function namedAlike(lab: Lab, name: string): Promise<readonly Named[]> {
  const url = `${lab.env['GITLAB_URL']}/api/v4/projects?owned=true&search=${encodeURIComponent(name)}`
  const answer = await lab.http.get(url, { 'private-token': lab.env['GITLAB_TOKEN'] ?? '' })
  return answer?.status === 200 ? (JSON.parse(answer.body) as Named[]) : []
}

/** Whether a project is there and public, so that the cluster needs no secret to pull its images. */
export async function isPublic(lab: Lab, name: string): Promise<Verdict> {
  const there = await projectThere(lab, name)
  const project = await lab.gitlab.project(name)
  if (!project || project.visibility === 'public') return there
  return blocked({
    expected: `a public project ${name}`,
    found: `it is ${project.visibility}`,
    cause: cause('private-project'),
    next: `Make ${name} public in its settings, or by GitLab's API: visibility=public.`,
  })
}
