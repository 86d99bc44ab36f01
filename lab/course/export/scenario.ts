import type { Course, Step } from '../../engine/course.ts'
import { introText, prose, taskText, traffic } from './blocks.ts'

export type ScenarioFile = { readonly path: string; readonly content: string; readonly executable: boolean }

/** The shell scripts and the author's README, by file name, as the package brings them. */
export type Templates = Readonly<Record<string, string>>

/** Where the host copies the assets to; the scripts know it by `~`. */
const TARGET = '/root/.gitops-lab-scenario'
/** GitLab's port on the machine: fixed, so that texts can name it. */
const WEB_PORT = '8929'
/** Copied onto the machine, beside the lab's own package. */
const SCRIPTS = ['paths.sh', 'setup.sh', 'wait.sh', 'env.sh'] as const
/** The lab's own package among the assets. */
const PACKAGE = 'lab.tgz'

/** A repository with one scenario, but for the lab's package, which belongs at `packagePath`. Pure. */
export function scenario(
  course: Course,
  templates: Templates,
  version: string,
): {
  readonly files: readonly ScenarioFile[]
  readonly packagePath: string
} {
  const folder = slugOf(course.title)
  const fill = (name: string, more: Readonly<Record<string, string>> = {}): string => {
    const values = { WEB_PORT, ...more }
    return (templates[name] ?? missing(name)).replace(
      /@([A-Z_]+)@/g,
      (_, key) => values[key as 'WEB_PORT'] ?? missing(key),
    )
  }
  const nodeVersion = /^NODE_VERSION=(.*)$/m.exec(fill('setup.sh'))?.[1] ?? missing('NODE_VERSION')
  const text = (path: string, content: string): ScenarioFile => ({ path, content, executable: false })
  const script = (path: string, content: string): ScenarioFile => ({ path, content, executable: true })
  const inside = (path: string): string => `${folder}/${path}`
  return {
    packagePath: inside(`assets/${PACKAGE}`),
    files: [
      text(
        'README.md',
        fill('author.md', { TITLE: course.title, FOLDER: folder, VERSION: version, NODE_VERSION: nodeVersion }),
      ),
      text('structure.json', json({ items: [{ path: folder, title: course.title }] })),
      text(inside('index.json'), json(index(course))),
      text(inside('intro.md'), introduction(course)),
      script(inside('background.sh'), fill('background.sh')),
      // Fed to the terminal, where an empty line at the end would be one more Enter.
      script(inside('foreground.sh'), fill('foreground.sh').trimEnd()),
      ...course.steps.flatMap((step) => [
        text(inside(`${step.name}/text.md`), stepText(step)),
        script(inside(`${step.name}/verify.sh`), fill('verify.sh', { STEP: String(step.number) })),
      ]),
      text(inside('finish.md'), `${prose(course.finish)}\n`),
      ...SCRIPTS.map((name) => script(inside(`assets/${name}`), fill(name))),
    ],
  }
}

function index(course: Course): unknown {
  const [summary = ''] = course.intro.trim().split('\n\n')
  return {
    title: course.title,
    description: summary.replaceAll('\n', ' '),
    details: {
      intro: { text: 'intro.md', background: 'background.sh', foreground: 'foreground.sh' },
      steps: course.steps.map(({ name, title }) => ({ title, text: `${name}/text.md`, verify: `${name}/verify.sh` })),
      finish: { text: 'finish.md' },
      assets: {
        host01: [{ file: PACKAGE, target: TARGET }, ...SCRIPTS.map((file) => ({ file, target: TARGET, chmod: '+x' }))],
      },
    },
    backend: { imageid: 'ubuntu' },
  }
}

const introduction = (course: Course): string => `${prose(course.intro)}

The terminal shows how the machine is prepared, which takes a minute or two. It is ready when it says **The lab is ready.**
A terminal that you open later is led to the lab, too. If one is not, run this in it:

\`. ~/.gitops-lab-scenario/env.sh\`{{exec}}

GitLab's pages are [here](${traffic(WEB_PORT)}): where a text names \`$GITLAB_URL\`, that is the address for your
browser. A block that can be run runs at a click. Whether a task is done, and who acts next if it is not, is told by the
command at its end; **Check** looks at the whole step.
`

function stepText(step: Step): string {
  const tasks = step.tasks.map((task) =>
    [
      `## ${task.title}`,
      taskText(task),
      ...(task.kind === 'look' ? [] : [`Done? \`gitops-lab check ${step.number}/${task.id}\`{{exec}}`]),
    ].join('\n\n'),
  )
  return [
    `**When you are done:** ${step.goal}`,
    introText(step.intro),
    ...tasks,
    `---\n\nPress **Check** when all tasks are done. If it says no, \`gitops-lab why\`{{exec}} says what is missing.`,
    ...(step.learnt.length > 0 ? [['What to keep:', '', ...step.learnt.map((line) => `- ${line}`)].join('\n')] : []),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n')
}

const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'lab'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const missing = (name: string): never => {
  throw new Error(`the templates of the scenario lack ${name}`)
}
