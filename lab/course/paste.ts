/** Something that does not survive being pasted into an interactive bash or zsh. `line` counts from 0. */
export type NotPastable = { readonly line: number; readonly why: string }

type Mode = 'code' | 'double'

/** Words that only zsh takes as something else, when they are assigned to. */
const ZSH_OWN = 'status|path|argv|fpath|cdpath|pipestatus|options|commands|functions|aliases|words|prompt|signals'

/** What bash does not mind, in the unquoted text of a line. Quoted text is left out of it. */
const UNQUOTED: readonly [RegExp, string][] = [
  [/(?:^|\s)#/, 'zsh takes no comments at its prompt: say it in the text'],
  [/(?<!\$)\?/, '"?" is a pattern, and zsh refuses one that no file fits: quote it'],
  [/\*/, '"*" is a pattern, and zsh refuses one that no file fits: quote it'],
  [/(?<!\[)\[(?![[\s])/, '"[" begins a pattern, and zsh refuses one that no file fits: quote it'],
  [/(?:^|\s)=\w/, 'zsh replaces "=word" by the path of that program: quote it'],
  [new RegExp(`(?:^|[\\s;])(?:${ZSH_OWN})=`), 'this variable is zsh’s own: call it otherwise'],
  [/\bfor\s+\w+\s+in\s+\$\w/, 'zsh does not split a variable into words: write the words'],
]

/**
 * Says what a script does in an interactive shell that it does not do in the lab: comments, patterns, history and
 * variables that bash and zsh take differently. That it can be parsed is for the shells to say.
 */
export function notPastable(script: string): readonly NotPastable[] {
  const problems: NotPastable[] = []
  let until: string | undefined
  let stack: Mode[] = ['code']
  for (const [line, text] of script.split('\n').entries()) {
    if (until !== undefined) {
      if (text === until) until = undefined
      continue
    }
    const { code, double, after } = scan(text, stack)
    stack = after
    until = /(?<!<)<<(?!<)-?\s*(["']?)(\w+)\1/.exec(text)?.[2]
    for (const [pattern, why] of UNQUOTED) if (pattern.test(code)) problems.push({ line, why })
    if (/!(?![\s=(]|$)/.test(code + double)) problems.push({ line, why: '"!" calls up the history: quote it with \'' })
    if (/\$\w+:[a-zA-Z&]/.test(code + double)) {
      problems.push({ line, why: 'zsh takes "$name:x" for a modifier of the variable: put the name between braces' })
    }
  }
  return problems
}

/** Sorts a line into unquoted text and text between double quotes. A quote that stays open goes on in the next line. */
function scan(text: string, before: readonly Mode[]): { code: string; double: string; after: Mode[] } {
  const stack = [...before]
  let [code, double] = ['', '']
  for (let at = 0; at < text.length; at++) {
    const mode = stack.at(-1)
    const character = text[at] as string
    if (character === '\\') {
      at++
    } else if (character === '"') {
      if (mode === 'double') stack.pop()
      else stack.push('double')
      code += '"'
    } else if (character === "'" && mode === 'code') {
      const end = text.indexOf("'", at + 1)
      at = end < 0 ? text.length : end
      code += "''"
    } else if (text.startsWith('$(', at)) {
      stack.push('code')
      at++
      code += ' '
    } else if (character === ')' && stack.length > 1 && mode === 'code') {
      stack.pop()
      code += ' '
    } else if (mode === 'double') double += character
    else code += character
  }
  return { code, double, after: stack }
}
