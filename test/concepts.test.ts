import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCourse } from '../lab/course/load.ts'
import type { Block } from '../lab/engine/course.ts'

/** What the course has to explain, each in one place: step, heading ("" is the text before the first), its words. */
const CONCEPTS: readonly [concept: string, step: number, heading: string, phrase: string][] = [
  ['GitOps: one source of truth', 1, '', 'Git is the single source of truth.'],
  ['GitOps: an agent updates and rolls back', 1, '', 'It updates what is old, and it rolls back'],
  ['GitOps: pull requests operate', 1, '', 'People operate by pull requests.'],
  [
    'desired against live state',
    1,
    '',
    'What the files say is the **desired state**. What runs is the **live state**.',
  ],
  ['reconcile loop', 1, '', '**reconcile loop**'],
  ['intervals', 1, '', 'is an **interval**'],
  ['secrets are no arguments', 1, 'The world', 'The token reaches curl by standard input.'],
  ['two repositories', 2, '', 'They are apart because they change for different reasons.'],
  ['free tier', 2, '', "GitLab's free tier is enough"],
  ['pipeline', 2, 'Push the app', 'a **pipeline** of two stages'],
  ['pull against push delivery', 2, 'Push the app', 'pull delivery'],
  ['one place for the tag', 2, 'Push the configuration', 'The tag of the image stands in one place only'],
  [
    'GitRepository and Kustomization',
    2,
    'Connect Flux',
    'The first is a **GitRepository**, the second a **Kustomization**.',
  ],
  ['prune', 2, 'Connect Flux', 'Without **prune**, a file that you delete leaves its object behind'],
  ['who writes to Git', 2, "Turn on Flux's image automation", 'who writes'],
  ['what Argo CD is', 3, '', '**Argo CD** is an agent, too'],
  ['Argo CD: declarative and versioned', 3, '', 'Definitions are declarative and kept in versions.'],
  ['how Flux and Argo CD differ', 3, '', 'drift is put back at the next'],
  ['server-side apply', 3, 'Install', 'an annotation may have 262144 bytes at most'],
  ['components', 3, 'Meet the components', 'the **application controller** compares, syncs, and heals'],
  ['initial password', 3, 'The page', 'Argo CD has made a user `admin` and a password for it'],
  ['port-forward', 3, 'The page', 'A **port-forward** brings it to your machine'],
  ['repository Secret', 3, 'Connect the configuration repository', 'What makes it one is the label'],
  ['one writer at a time', 4, '', 'stop the old writer before the new one starts.'],
  ['availability probe', 4, 'Record the baseline', 'what fails or does not answer in time counts as lost'],
  ['uid', 4, 'Record the baseline', 'Each object has a **uid**'],
  ['Application', 4, 'Create both Applications', 'An **Application** says: this path of this repository'],
  ['sync against health', 4, 'Look at the difference', 'Two words, two questions. **Sync** status'],
  ['tracking annotation', 4, 'Look at the difference', 'By it Argo CD marks objects as its own'],
  [
    'suspend, do not delete',
    4,
    'Suspend Flux',
    'Deleting a Kustomization that is not suspended deletes what it applied',
  ],
  ['generation and pod template', 4, 'Sync by hand', 'so the generation of the Deployment goes up by one'],
  ['automated sync', 4, 'Turn on automated sync', '`automated` applies every new commit.'],
  ['drift', 4, 'Drift, and how it heals', '**Drift** is live state that nobody wrote down'],
  ['self-heal', 4, 'Drift, and how it heals', 'That is **self-heal**.'],
  ['webhook', 4, 'A namespace through Git', 'GitLab tells Argo CD of each push by a webhook'],
  ['finalizer', 4, 'Uninstall Flux', 'each object has a **finalizer**'],
  ['Image Updater', 5, '', 'Every two minutes it asks the registry for tags'],
  ['a credential of its own', 5, 'Give it a credential', 'Why not a deploy token?'],
  ['constraint', 5, 'Create the ImageUpdater', '`~1.0` allows 1.0.x and never 1.1'],
  ['the comment is dropped', 5, 'Create the ImageUpdater', 'It drops the comment behind it.'],
  ['nudges', 5, 'Add an endpoint', 'You may shorten both waits.'],
  ['rollback at the place of the decision', 5, 'Roll back', 'So change what the decision is made of.'],
  ['tighten the constraint', 5, 'Roll back', 'tighten the constraint of the ImageUpdater'],
  ['readiness probe', 5, 'Break it on purpose', 'the **readiness probe** says no'],
  ['Progressing, then Degraded', 5, 'Break it on purpose', 'it shows Degraded. You need not wait for that.'],
  ['roll forward', 5, 'Repair', '**roll forward**'],
]

const { steps, finish } = readCourse(join(resolve(import.meta.dirname, '..'), 'steps'))

const words = (text: string) => text.replace(/\s+/g, ' ')
const textOf = (blocks: readonly Block[]) =>
  words(
    blocks
      .map((block) =>
        'markdown' in block && block.kind !== 'notes' ? block.markdown : 'text' in block ? block.text : '',
      )
      .join(' '),
  )

const sections = steps.flatMap(({ number, intro, tasks }) => [
  { step: number, heading: '', text: textOf(intro) },
  ...tasks.map(({ title, blocks }) => ({ step: number, heading: title, text: textOf(blocks) })),
])

describe('concepts', () => {
  it.each(CONCEPTS)('%s is explained in step %i, "%s", and only there', (_, step, heading, phrase) => {
    const found = sections.filter(({ text }) => text.includes(phrase)).map((section) => [section.step, section.heading])
    expect(found).toEqual([[step, heading]])
  })

  it('the end shows the chain, what to keep, what to read next, and how to clean up', () => {
    for (const phrase of ['Image Updater', 'Three things to keep', 'What to read next', 'To clean up']) {
      expect(words(finish)).toContain(phrase)
    }
  })
})
