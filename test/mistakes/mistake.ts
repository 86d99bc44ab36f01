import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect } from 'vitest'
import type { Row } from '../../lab/engine/report.ts'
import type { CauseId } from '../../steps/lib/causes.ts'
import type { World } from '../world.ts'

/** Something that learners do wrong: made with the real client, named by the verdict, repaired as the verdict says. */
export type Mistake = {
  readonly title: string
  /** `gitlab/push-app`: the task whose checks name it. */
  readonly at: string
  readonly cause: CauseId
  readonly make: string
  /** What the verdict's `next` asks for, where it is no command; else that command is run as it stands there. */
  readonly repair?: string
  /** After the repair the task passes, unless there is more to mend: then the cause is `gone`. */
  readonly after?: 'gone'
}

/** Functions for the scripts of mistakes: GitLab's API, and a commit to the configuration repository by it. */
const PRELUDE = `
set -euo pipefail
api() { curl --silent --show-error --fail-with-body --config - "$@" <<< "header = \\"PRIVATE-TOKEN: $GITLAB_TOKEN\\""; }
project() { printf '%s/api/v4/projects/%s%%2F%s' "$GITLAB_URL" "$GITLAB_USER" "$1"; }
put() { # put PATH < CONTENT: commits a file of the configuration repository through the API
  file=$(printf %s "$1" | sed 's|/|%2F|g') content=$(mktemp)
  cat > "$content"
  url="$(project my-nodejs-app-config)/repository/files/$file"
  api --output /dev/null --request PUT "$url" --data branch=main --data-urlencode "commit_message=Change $1" --data-urlencode "content@$content" ||
    api --output /dev/null --request POST "$url" --data branch=main --data-urlencode "commit_message=Add $1" --data-urlencode "content@$content"
  rm "$content"
}
app() { # app MESSAGE: commits and pushes the application
  cd "$LAB_DIR/my-nodejs-app"
  git add .
  git commit --quiet --message "$1"
  git push --quiet origin HEAD:main
}
`

/** Links to all programs of the PATH in one folder, from where a mistake can take one away. */
export function linkPrograms(folder: string): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => existsSync(path))
  for (const path of folders) {
    for (const name of readdirSync(path)) {
      const link = join(folder, name)
      if (!existsSync(link)) symlinkSync(join(path, name), link)
    }
  }
}

export async function bash(world: World, script: string): Promise<string> {
  const { code, out, err } = await world.sh(`${PRELUDE}\n${script}`)
  expect(code, `${script}\n${out}${err}`).toBe(0)
  return out
}

/** The verdicts of a task, asked afresh. */
export async function rowsOf(world: World, task: string): Promise<readonly Row[]> {
  const { out, err, code } = await world.run(['check', task, '--now', '--json'])
  expect([0, 1, 2], `${out}${err}`).toContain(code)
  return JSON.parse(out) as Row[]
}

const SHORTER = /^To wait less, (?:press f, or )?run: /

/** Asks a task's checks until they are as wanted, doing meanwhile what pending ones say to wait less. */
export async function watch(
  world: World,
  task: string,
  wanted: (rows: readonly Row[]) => boolean,
  seconds = 40,
): Promise<readonly Row[]> {
  let asked = 0
  let rows: readonly Row[] = []
  const look = async () => {
    rows = await rowsOf(world, task)
    if (wanted(rows)) return true
    const shorten = rows.map(({ next }) => next).find((next) => next && SHORTER.test(next))
    if (shorten && asked++ % 8 === 3) await world.sh(shorten.replace(SHORTER, ''))
    return false
  }
  await expect
    .poll(look, { timeout: seconds * 1000, interval: 100 })
    .toBe(true)
    .catch((error) => {
      throw new Error(`${task}: ${JSON.stringify(rows, null, 1)}`, { cause: error })
    })
  return rows
}

/** The command within a next move: all of it, or what stands behind its last colon. */
export function commandIn(next: string): string {
  const isCommand = (text: string) => /^(kubectl|git|cd|curl|gitops-lab) /.test(text)
  if (isCommand(next)) return next
  const at = [...next.matchAll(/[:;] /g)].map(({ index }) => next.slice(index + 2)).find(isCommand)
  if (at === undefined) throw new Error(`no command in: ${next}`)
  return at
}

const isWhole = ({ verdict, expected, found, next, actor, cause }: Row): boolean =>
  verdict === 'passed' ||
  ([expected, found, next].every((text) => (text ?? '').length > 3 && !/\bnot yet\b/.test(text ?? '')) &&
    (verdict === 'blocked' || (verdict === 'pending' && actor !== undefined)) &&
    (cause === undefined || cause.text.length > 0))

/** Makes a mistake, watches the verdict name it, repairs it, and watches the task pass. */
export async function play(world: World, mistake: Mistake): Promise<void> {
  await bash(world, mistake.make)
  const named = ({ cause }: Row) => cause?.id === mistake.cause
  const rows = await watch(world, mistake.at, (all) => all.some(named))
  for (const row of rows) expect(row).toSatisfy(isWhole)
  // Nothing that comes later in the chain is named before it.
  expect(rows.find(({ cause }) => cause !== undefined)?.cause?.id).toBe(mistake.cause)
  const { next = '' } = rows.find(named) as Row
  await bash(world, mistake.repair ?? commandIn(next))
  if (mistake.after === 'gone') await watch(world, mistake.at, (all) => !all.some(named))
  else await watch(world, mistake.at, (all) => all.every(({ verdict }) => verdict === 'passed'))
}
