/**
 * Sequences that put a text on the clipboard of the user's terminal (OSC 52). Within tmux twice: as it is, for
 * `set-clipboard on`, and passed through to the outer terminal, for `allow-passthrough on`.
 */
export function clipboardSequence(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const sequence = `\x1b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\x07`
  if (env['TMUX']) return `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`
  return sequence
}
