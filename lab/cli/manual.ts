import { EXIT_CODES } from './exit-codes.ts'
import { type CommandNode, withDescendants } from './tree.ts'

/** Environment variables that the program reads, and what each is for. */
const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['XDG_STATE_HOME', 'where the state is kept; ~/.local/state without it'],
  ['XDG_CACHE_HOME', 'where a fetched kubectl is kept; ~/.cache without it'],
  ['EDITOR, VISUAL', 'the editor of the terminal UI'],
  ['SHELL', 'the shell of gitops-lab shell'],
  ['NO_COLOR', 'no colours'],
]

/** The manual page in man(7) macros. `date` is its ISO date. */
export function manualPage(program: CommandNode, version: string, date: string): string {
  const commands = withDescendants(program).filter(({ name, children }) => name !== '' && children.length === 0)
  const lines = [
    `.TH GITOPS\\-LAB 1 ${date} "gitops\\-lab ${text(version)}" "User Commands"`,
    '.SH NAME',
    `gitops\\-lab \\- ${text(program.description)}`,
    '.SH SYNOPSIS',
    `.B gitops\\-lab\n${text(program.usage.replace(/^gitops-lab\s*/, ''))}`,
    '.SH DESCRIPTION',
    'Without a command the lab starts, or goes on where you were: in its terminal UI where there is a terminal.',
    'A world of its own runs in one background process on this machine: a Kubernetes API, a GitLab, a registry and the',
    'controllers between them. Nothing of yours outside its own folders is written.',
    '.SH OPTIONS',
    ...program.flags.flatMap(flagLines),
    '.SH COMMANDS',
    ...commands.flatMap((node) => [
      `.SS ${text(node.usage.replace(/^gitops-lab\s*/, ''))}`,
      text(`${capital(node.description)}.`),
      ...node.flags.filter(({ long }) => long !== '--help').flatMap(flagLines),
      ...(node.examples.length > 0 ? ['.PP', 'Examples:'] : []),
      ...node.examples.flatMap(([line, does]) => ['.TP', `.B ${text(line)}`, text(does)]),
    ]),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning)]),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(([name, meaning]) => ['.TP', `.B ${text(name)}`, text(meaning)]),
    '.SH FILES',
    '.TP',
    '.I ~/.local/state/gitops\\-lab',
    'journal, snapshots and the state of the world',
    '.TP',
    '.I ~/gitops\\-lab\\-work',
    'LAB_DIR, the folder that you work in',
  ]
  return `${lines.join('\n')}\n`
}

const flagLines = ({ long, value, description }: CommandNode['flags'][number]): readonly string[] => [
  '.TP',
  `.B ${text(long)}${value === undefined ? '' : ` \\fI${text(value)}\\fR`}`,
  text(description || 'output for programs'),
]

/**
 * A line that starts with a dot or a quote is a request to troff; a plain hyphen may become a typographic one; what is
 * not ASCII is named by its code point (groff_char(7)).
 */
const text = (plain: string): string =>
  plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\0-\x7f]/g, (char) => `\\[u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^([.'])/, '\\&$1')

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)
