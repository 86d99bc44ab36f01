/** However long a command is, a room does not wait longer than this for it to be typed, at speed 1. */
const LONGEST_MS = 8000
const KEY_MS = 45
/** A hand rests between words and lines, and starts after a moment. */
const WORD_MS = 60
const LINE_MS = 180
const BEFORE_MS = 350

/** When each character of a text is typed, in milliseconds from the beginning: as by a hand, the same for each seed. */
export function keystrokes(text: string, seed: number): readonly number[] {
  const random = generator(seed)
  let at = BEFORE_MS
  const times = [...text].map((character) => {
    at += KEY_MS * (0.4 + 1.2 * random())
    if (character === ' ') at += WORD_MS * random()
    if (character === '\n') at += LINE_MS * random()
    return at
  })
  const scale = Math.min(1, LONGEST_MS / at)
  return times.map((time) => time * scale)
}

/** Numbers from 0 up to 1, the same ones for each seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
