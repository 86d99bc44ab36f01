import type { Course } from '../../engine/course.ts'
import type { Recorded } from '../../engine/events.ts'
import type { LabClient } from '../../engine/lab-client.ts'
import type { Clock } from '../../engine/ports.ts'
import type { Place, Tool } from './model.ts'

/** A lab that is attached to. */
export type Connection = {
  readonly lab: LabClient
  /** What happened since the last visit: when that ended, and the events. Absent at the first one. */
  readonly since?: { readonly at: number; readonly events: readonly Recorded[] }
  /** Whether the background process was started for this visit. */
  readonly started: boolean
  detach(): void
}

/** All that the UI needs of the world around it. */
export interface Host {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly place: Place
  readCourse(): Promise<Course>
  /** The programs that the course needs, as they are on this machine. */
  tools(): Promise<readonly Tool[]>
  /** Whether a background process is up: then nothing has to be asked before attaching. */
  isUp(): Promise<boolean>
  /** Attaches, starting the background process if there is none. Rejects with an error for people. */
  connect(onProgress: (line: string) => void): Promise<Connection>
  /** The learner's shell with these variables, in LAB_DIR, with the terminal to itself. @throws for people */
  shell(variables: Readonly<Record<string, string>>): Promise<void>
  /** Notes that this visit ended, for the next one. */
  remember(): void
}
