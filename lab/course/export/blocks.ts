import type { Action, Block, Task } from '../../engine/course.ts'
import { hereDocument } from './here-document.ts'
import { gitPatch } from './patch.ts'

/** The host's name for a port of the machine; it becomes an address in the text. */
export const traffic = (port: string | number): string => `{{TRAFFIC_HOST1_${port}}}`

/** The text of a task as the host shows it. What is for presenters is left out. */
export function taskText(task: Task): string {
  let hints = 0
  return task.blocks
    .flatMap((block) => {
      if (block.kind === 'hint') hints++
      return blockText(block, task.actions, hints)
    })
    .join('\n\n')
}

/** The text of blocks that belong to no task. */
export const introText = (blocks: readonly Block[]): string =>
  blocks.flatMap((block) => blockText(block, [], 0)).join('\n\n')

function blockText(block: Block, actions: readonly Action[], hint: number): readonly string[] {
  switch (block.kind) {
    case 'prose':
      return [prose(block.markdown)]
    case 'action': {
      const action = actions.find(({ id }) => id === block.action)
      return action ? [actionText(action)] : []
    }
    case 'output':
      return [fence('text', block.text)]
    case 'code':
      return [fence(block.language, block.text, ['sh', 'bash'].includes(block.language) ? '{{copy}}' : '')]
    case 'hint':
      return [`<details>\n<summary>Hint ${hint}</summary>\n\n${prose(block.markdown)}\n\n</details>`]
    case 'why':
      return [quote(`**Why?** ${prose(block.markdown)}`)]
    case 'warning':
      return [quote(`**Careful.** ${prose(block.markdown)}`)]
    case 'notes':
      return []
  }
}

function actionText(action: Action): string {
  switch (action.kind) {
    case 'run':
      return action.background
        ? `${exec(inBackground(action.id, action.script))}\n\nIt goes on in the background; what it says is in \`${logOf(action.id)}\`.`
        : exec(action.script)
    case 'edit':
      return exec(gitPatch(action.path, action.diff))
    case 'write': {
      const folder = action.path.includes('/') ? action.path.replace(/\/[^/]*$/, '') : ''
      const path = `"$LAB_DIR/${action.path}"`
      return exec(`${folder && `mkdir -p "$LAB_DIR/${folder}"\n`}${hereDocument(`cat >${path}`, action.content)}`)
    }
  }
}

const logOf = (id: string): string => `/tmp/${id}.log`

/** A terminal of its own for each command is what the host lacks, and its proxy does not find what is on loopback. */
function inBackground(id: string, script: string): string {
  const reachable = script.replace(/\bkubectl port-forward(?! --address)/g, 'kubectl port-forward --address 0.0.0.0')
  const group = reachable.includes('\n') ? `{\n${reachable}\n}` : reachable
  return `${group} >${logOf(id)} 2>&1 &`
}

/** A block that runs in the terminal at a click. */
const exec = (script: string): string => fence('', script, '{{exec}}')

function fence(language: string, text: string, action = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`+/gm)].map(([ticks]) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}${language}\n${text}\n${ticks}${action}`
}

/** Addresses of this machine become those that the learner's browser can reach. */
export const prose = (markdown: string): string =>
  markdown
    .trim()
    .replace(
      /<https?:\/\/(?:127\.0\.0\.1|localhost):(\d+)([^>\s]*)>/g,
      (_, port, path) => `[port ${port}${path}](${traffic(port)}${path})`,
    )
    .replace(
      /\]\(https?:\/\/(?:127\.0\.0\.1|localhost):(\d+)([^)\s]*)\)/g,
      (_, port, path) => `](${traffic(port)}${path})`,
    )

const quote = (markdown: string): string =>
  markdown
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
