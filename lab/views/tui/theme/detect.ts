import type { Background, Colours } from './palettes.ts'

/** What a theme depends on. */
export type ThemeOptions = { readonly background: Background; readonly colours: Colours; readonly ascii: boolean }

type Env = Readonly<Record<string, string | undefined>>

/** What a terminal can show, as its environment tells. `GITOPS_LAB_THEME` (`dark`, `light`) decides the background. */
export function themeOptions(env: Env): ThemeOptions {
  return { background: backgroundOf(env), colours: coloursOf(env), ascii: !showsUnicode(env) }
}

/** no-color.org: set and not empty. */
function coloursOf({ NO_COLOR, TERM = '', COLORTERM = '' }: Env): Colours {
  if (NO_COLOR || TERM === 'dumb') return 'none'
  if (/^(truecolor|24bit)$/i.test(COLORTERM)) return 'truecolor'
  return /-256(color)?$|-direct$|^(xterm-)?(kitty|ghostty|alacritty|wezterm)$/.test(TERM) ? 'ansi256' : 'ansi16'
}

/** COLORFGBG is `foreground;background`, as rxvt has it: colours 7 and 9 to 15 are light. */
function backgroundOf({ GITOPS_LAB_THEME, COLORFGBG = '' }: Env): Background {
  if (GITOPS_LAB_THEME === 'dark' || GITOPS_LAB_THEME === 'light') return GITOPS_LAB_THEME
  const colour = /;(\d+)$/.exec(COLORFGBG)?.[1]
  return colour !== undefined && (colour === '7' || Number(colour) > 8) ? 'light' : 'dark'
}

/** The first of LC_ALL, LC_CTYPE, LANG that is set decides (POSIX.1-2017 §8.2); Linux's console has too few glyphs. */
function showsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Env): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG
  return TERM !== 'linux' && (!locale || /utf-?8/i.test(locale))
}
