import { surround } from './text/sgr.ts'
import { type ThemeOptions, themeOptions } from './theme/detect.ts'
import { type Role, sgrOf } from './theme/palettes.ts'
import { ASCII, type Symbols, UNICODE } from './theme/symbols.ts'

export type { Role, Symbols }

export type Theme = {
  readonly symbols: Symbols
  /** The text in the looks of its role, closed at its end. Text that is painted already keeps its own looks inside. */
  paint(role: Role, text: string): string
}

export function themeOf({ background, colours, ascii }: ThemeOptions): Theme {
  const known = new Map<Role, readonly string[]>()
  return {
    symbols: ascii ? ASCII : UNICODE,
    paint(role, text) {
      const codes = known.get(role) ?? sgrOf(role, background, colours)
      known.set(role, codes)
      return surround(codes, text)
    },
  }
}

/** The theme for a terminal, as its environment tells; `options` decide before it. */
export function detectTheme(
  env: Readonly<Record<string, string | undefined>>,
  options: Partial<ThemeOptions> = {},
): Theme {
  return themeOf({ ...themeOptions(env), ...options })
}
