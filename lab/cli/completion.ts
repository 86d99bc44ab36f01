import type { Shell } from './command-line.ts'
import { type CommandNode, withDescendants } from './tree.ts'

/** What may follow a command: subcommands, words it takes, flags; each with what it does. */
const offers = (node: CommandNode): readonly (readonly [word: string, does: string])[] => [
  ...node.children.map(({ name, description }) => [lastWord(name), description] as const),
  ...node.choices.map((word) => [word, node.description] as const),
  ...node.flags.map(({ long, description }) => [long, description] as const),
]

const lastWord = (name: string): string => name.split(' ').at(-1) as string
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The words of a command line that lead to a command: subcommands, whatever flags stand between them. */
const walk = (nodes: readonly CommandNode[]): string =>
  nodes
    .filter(({ children, name }) => children.length > 0 || name === '')
    .flatMap(({ name, children }) =>
      children.map((child) => `    ${quote(`${name}|${lastWord(child.name)}`)}) at=${quote(child.name)} ;;`),
    )
    .join('\n')

/** For bash and zsh: finds the command that `words` lead to, and does what is to be done for it. */
const byCommand = (nodes: readonly CommandNode[], words: string, act: (node: CommandNode) => string): string =>
  `  for word in ${words}; do
    case "$at|$word" in
${walk(nodes)}
    esac
  done
  case "$at" in
${nodes.map((node) => `    ${quote(node.name)}) ${act(node)} ;;`).join('\n')}
  esac`

/** A script that completes the program's commands and flags, to be sourced by that shell. */
export function completionScript(shell: Shell, program: CommandNode): string {
  const nodes = withDescendants(program)
  switch (shell) {
    case 'bash':
      return `_gitops_lab() {
  local at='' word words
${byCommand(nodes, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`, (node) => {
  const words = offers(node).map(([word]) => word)
  return `words=${quote(words.join(' '))}`
})}
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gitops_lab gitops-lab
`
    case 'zsh':
      return `#compdef gitops-lab
_gitops_lab() {
  local at='' word
  local -a offers
${byCommand(nodes, `"\${(@)words[2,CURRENT-1]}"`, (node) => {
  const described = offers(node).map(([word, does]) => quote(`${word}:${does.replaceAll(':', '\\:')}`))
  return `offers=(${described.join(' ')})`
})}
  _describe 'gitops-lab' offers || _files
}
compdef _gitops_lab gitops-lab
`
    case 'fish':
      return `function __gitops_lab_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at|$word"
${walk(nodes).replace(/^ {4}(.*)\) at=(.*) ;;$/gm, '      case $1\n        set at $2')}
    end
  end
  test "$at" = "$argv[1]"
end
${nodes.flatMap((node) => offers(node).map(([word, does]) => fishLine(node, word, does))).join('\n')}
`
  }
}

function fishLine(node: CommandNode, word: string, does: string): string {
  const when = `-n ${fishQuote(`__gitops_lab_at ${fishQuote(node.name)}`)} -d ${fishQuote(does)}`
  const flag = node.flags.find(({ long }) => long === word)
  if (!flag) return `complete -c gitops-lab -f ${when} -a ${fishQuote(word)}`
  return `complete -c gitops-lab ${when} -l ${word.replace(/^--/, '')}${flag.value === undefined ? '' : ' -r'}`
}

const fishQuote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
