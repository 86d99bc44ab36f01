import { describe, expect, it } from 'vitest'
import { clipboardSequence } from './clipboard.ts'

describe('clipboard', () => {
  it('is OSC 52 with the text in base64', () => {
    expect(clipboardSequence('git push 漢', {})).toBe('\x1b]52;c;Z2l0IHB1c2gg5ryi\x07')
  })

  it('is passed through tmux as well', () => {
    expect(clipboardSequence('a', { TMUX: '/tmp/tmux-0/default,1,0' })).toBe(
      '\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\',
    )
  })
})
