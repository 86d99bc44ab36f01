import type { Course, Script } from '../engine/course.ts'

/** What the lab or the learner runs: commands of tasks, faults and repairs of drills. */
export const scriptsOf = ({ steps, drills }: Course): readonly Script[] => [
  ...steps.flatMap(({ tasks }) =>
    tasks.flatMap(({ actions }) =>
      actions.flatMap((action) => (action.kind === 'run' ? [{ text: action.script, source: action.source }] : [])),
    ),
  ),
  ...drills.flatMap(({ prepare, inject, repair }) => [...prepare, ...inject, ...repair]),
]
