// Private modes of xterm: 1049 alternate screen, 25 cursor, 7 wrapping at the last column, 1000 mouse buttons and
// wheel, 1006 mouse reports as decimal numbers, 2004 bracketed paste.

/** Takes the terminal: an empty alternate screen, no cursor, no wrapping, mouse and pastes reported. */
export const ENTER = '\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[?1000h\x1b[?1006h'

/** Gives it back as it was, whatever of `ENTER` took place; doing it twice does no harm. */
export const LEAVE = '\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l'
