import type { Theme } from '../theme.ts'

/** Code between backquotes in the looks of code, as Markdown's renderer has it, for texts that are shown without it. */
export function inlineCode(text: string, theme: Theme): string {
  if (theme.paint('code', 'x') === 'x') return text
  return text.replace(/`([^`\n]+)`/g, (_, code: string) => theme.paint('code', code))
}
