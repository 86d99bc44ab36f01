/** The exit code of wrong usage (EX_USAGE of sysexits.h). */
export const USAGE = 64

/** What each exit code of the program means, for help and manual. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done; for check and why: passed; for run and demo --auto: every check passed'],
  [1, 'it did not work; for check, why, run and demo --auto: blocked, you act next'],
  [2, 'for check, why, run and demo --auto: pending, somebody else acts next'],
  [3, 'for check, why, run and demo --auto: the lab itself is broken'],
  [USAGE, 'wrong usage'],
  [69, 'no world is up'],
  [70, 'an error of the program that was not foreseen'],
]
