/**
 * An expression as Go writes it; JavaScript spells named groups and leading flags differently.
 * @throws SyntaxError for what is none, and for what only JavaScript has
 */
export function goRegExp(pattern: string): RegExp {
  if (/(?<!\\)\(\?<?[=!]|(?<!\\)\\[1-9]/.test(pattern)) throw new SyntaxError('invalid or unsupported Perl syntax')
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? []
  return new RegExp(rest.replaceAll('(?P<', '(?<'), flags)
}
