import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, relative } from 'node:path'

/** One run of gitlab-ci-local. All paths are absolute. */
export type LocalRun = {
  /** The folder that `rules:exists` and `rules:changes` are about. */
  readonly cwd: string
  readonly file: string
  /** A folder of the run's own, made if absent: its state, home and tools. */
  readonly scratch: string
  readonly variables: Readonly<Record<string, string>>
  /** False: `rules:changes` is true whatever changed. */
  readonly evaluateChanges: boolean
  readonly unset: readonly string[]
}

const program = (): string => {
  const manifest = createRequire(import.meta.url).resolve('gitlab-ci-local/package.json')
  return join(dirname(manifest), 'dist', 'index.js')
}

/** The command line of a run: everything secret is in `environmentOf`. */
export const commandOf = (run: LocalRun, ...rest: readonly string[]): string[] => [
  process.execPath,
  program(),
  '--force-shell-executor',
  '--no-color',
  '--file',
  relative(run.cwd, run.file),
  '--state-dir',
  relative(run.cwd, join(run.scratch, 'state')),
  '--home',
  run.scratch,
  '--variables-file',
  relative(run.cwd, join(run.scratch, 'no-variables')),
  ...(run.evaluateChanges ? [] : ['--no-evaluate-rule-changes']),
  ...run.unset.flatMap((name) => ['--unset-variable', name]),
  ...rest,
]

/**
 * The environment of a run. gitlab-ci-local takes variables from GCL_VARIABLE_*; it copies the work tree with rsync
 * into a place that only its container executor reads, so it is given one that does nothing. Jobs see `path` alone.
 */
export function environmentOf(run: LocalRun, path: string): Record<string, string> {
  const tools = join(run.scratch, 'tools')
  mkdirSync(tools, { recursive: true, mode: 0o700 })
  writeFileSync(join(tools, 'rsync'), '#!/bin/sh\nexit 0\n', { mode: 0o700 })
  const variables = { PATH: literal(path), ...run.variables }
  return {
    PATH: [tools, path].join(delimiter),
    HOME: run.scratch,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`GCL_VARIABLE_${name}`, value])),
  }
}

/** A value that is to reach the job as it is, without the expansion of `$NAME` in it. */
export const literal = (value: string): string => value.replaceAll('$', '$$$$')

/** PATH of a job: its own tools first, then the Node that the lab runs on, then what the user has. */
export const jobPath = (...first: readonly string[]): string =>
  [...new Set([...first, dirname(process.execPath), ...(process.env['PATH'] ?? '').split(delimiter)])]
    .filter(Boolean)
    .join(delimiter)
