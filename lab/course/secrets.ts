/** A command line that would show a secret to whoever lists processes. `line` counts from 0 within the script. */
export type SecretInArguments = { readonly line: number; readonly found: string }

/** Commands of bash itself: what they are given is no process argument. */
const BUILTIN = new Set([
  'echo',
  'printf',
  'export',
  'read',
  'test',
  '[',
  '[[',
  ':',
  'local',
  'declare',
  'set',
  'unset',
])
const SECRET_NAME = /(TOKEN|PASSWORD|PASSWD|SECRET)/i
const PATTERNS: readonly RegExp[] = [
  /(?:^|\s)--?(?:password|passwd|token|secret|bearer-token|admin-password)[= ]\s*["']?(?!-)[^\s"']+/i,
  /(?:^|\s)(?:-H|--header)[= ]?\s*["']?(?:PRIVATE-TOKEN|JOB-TOKEN|DEPLOY-TOKEN|Authorization)\s*:[^"']*/i,
  /--from-literal[= ]["']?[^\s=]*(?:password|passwd|token|secret)[^\s=]*=\S+/i,
  /\b[a-z][a-z+.-]*:\/\/[^\s/:@"']+:[^\s@/"']+@/i,
]
const LOGIN_SHORT = /\blogin\b.*\s-p\s*["']?\S+/
const USER_SHORT = /^curl\b.*\s(?:-u|--user)[= ]?\s*["']?[^\s:"']+:\S+/

/** Finds secrets in the arguments of a script's commands. What goes by standard input (a here-document) is fine. */
export function secretsIn(script: string): readonly SecretInArguments[] {
  return commandsOf(script).flatMap(({ line, text }) => {
    const found = find(text)
    return found === undefined ? [] : [{ line, found: found.trim() }]
  })
}

function find(command: string): string | undefined {
  const words = command.trim().replace(/^(?:(?:if|then|else|do|while|until|!|sudo|\{|\()\s+)+/, '')
  const bare = words.replace(/^(?:\w+=(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s]*)\s*)+/, '')
  const name = bare.split(/\s+/)[0] ?? ''
  if (name === '' || BUILTIN.has(name)) return undefined
  for (const pattern of PATTERNS) {
    const match = pattern.exec(bare)
    if (match && !/--password-stdin/.test(match[0])) return match[0]
  }
  if (LOGIN_SHORT.test(bare)) return LOGIN_SHORT.exec(bare)?.[0]
  if (USER_SHORT.test(bare)) return USER_SHORT.exec(bare)?.[0]
  const expanded = bare.replace(/'[^']*'/g, "''").replace(/<<<.*$/, '')
  return [...expanded.matchAll(/\$\{?(\w+)[^\s"'}]*\}?/g)].find((match) => SECRET_NAME.test(match[1] as string))?.[0]
}

/** The commands of a script with their lines: here-documents and comments are left out, continued lines joined. */
function commandsOf(script: string): readonly { line: number; text: string }[] {
  const commands: { line: number; text: string }[] = []
  let until: string[] = []
  let open: { line: number; text: string } | undefined
  for (const [line, text] of script.split('\n').entries()) {
    if (until.length > 0) {
      if (text.replace(/^\t+/, '') === until[0]) until = until.slice(1)
      continue
    }
    if (/^\s*#/.test(text)) continue
    until = [...text.matchAll(/<<-?\s*(["']?)(\w+)\1/g)].map((match) => match[2] as string)
    const joined = open ? { line: open.line, text: `${open.text} ${text}` } : { line, text }
    open = /\\$/.test(text) ? { ...joined, text: joined.text.replace(/\\$/, '') } : undefined
    if (!open)
      for (const part of joined.text.split(/\|\||&&|[|;]|\$\(/)) commands.push({ line: joined.line, text: part })
  }
  return commands
}
