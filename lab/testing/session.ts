import type { Course } from '../engine/course.ts'
import type { Recorded } from '../engine/events.ts'
import type { Clock, Environment } from '../engine/ports.ts'
import { Session } from '../engine/session.ts'
import { ManualClock } from '../sandbox/core/clock.ts'

type SessionOptions = { readonly clock?: Clock; readonly past?: readonly Recorded[] }

/** A session that keeps no journal, on a clock that stands still unless another one is given. */
export const sessionOf = (
  course: Course,
  environment: Environment,
  { clock = new ManualClock(), past }: SessionOptions = {},
): Session => new Session({ course, environment, clock, journal: { append: () => {} }, version: '1', past })
