/** A command that reads a text as it stands. */
export function hereDocument(command: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n')
  let word = 'EOF'
  while (lines.includes(word)) word += '_'
  return [`${command} <<'${word}'`, ...lines, word].join('\n')
}
