/** One thing that happened, read from the output of gitlab-ci-local while it runs one job. */
export type JobLine =
  | { readonly type: 'command'; readonly text: string }
  | { readonly type: 'output'; readonly text: string }
  | { readonly type: 'after-script' }
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'other'; readonly text: string }

/** The first command of each script, which is ours: it goes to the project's folder and joins the two outputs. */
export const PREAMBLE = 'exec 2>&1; cd -- "$CI_PROJECT_DIR"'

/** How bash names the script in a complaint: by a path that tells the reader nothing. */
const SCRIPT_NAME = /^\S*\/state\/scripts\/\S+: (line \d+: )/

/**
 * Reads one line. gitlab-ci-local writes `<job> $ <command>` and `<job> > <output>`, and at the end
 * `<job> finished in 3 ms  FAIL 1 `. Undefined for lines that are about its own work.
 */
export function readJobLine(line: string, job: string): JobLine | undefined {
  if (!line.startsWith(`${job} `)) return line.trim() === '' ? undefined : { type: 'other', text: line }
  const rest = line.slice(job.length + 1)
  if (rest === '> still running...') return undefined
  if (rest.startsWith('> ')) return { type: 'output', text: rest.slice(2).replace(SCRIPT_NAME, 'bash: $1') }
  if (rest.startsWith('$ ')) {
    return rest.slice(2).startsWith(PREAMBLE) ? undefined : { type: 'command', text: rest.slice(2) }
  }
  if (rest.startsWith('Running after script')) return { type: 'after-script' }
  const failed = /^finished in .* (?:FAIL|WARN) (\d+) ?$/.exec(rest)
  if (failed) return { type: 'exit', code: Number(failed[1]) }
  return undefined
}
