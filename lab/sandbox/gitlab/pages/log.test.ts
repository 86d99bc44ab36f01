import { expect, it } from 'vitest'
import { LogRenderer } from './log.ts'

const render = (...lines: string[]) => {
  const renderer = new LogRenderer()
  return lines.map((line) => String(renderer.line(line))).join('')
}

it('shows colours, also over lines, until they are reset', () => {
  expect(render('\x1b[32;1m$ ls\x1b[0;m a')).toBe('<span class="b c32">$ ls</span> a\n')
  expect(render('\x1b[31mone', 'two\x1b[m', 'three')).toBe(
    '<span class="c31">one</span>\n<span class="c31">two</span>\nthree\n',
  )
  expect(render('\x1b[91mbright\x1b[39m plain')).toBe('<span class="c31">bright</span> plain\n')
})

it('begins a line anew at a carriage return, as section markers and progress bars do', () => {
  expect(render('\x1b[0Ksection_start:1:build\r\x1b[0K\x1b[0K\x1b[36;1mBuild\x1b[0;m')).toBe(
    '<span class="b c36">Build</span>\n',
  )
  expect(render('10 %\r20 %', 'end\r')).toBe('20 %\nend\n')
})

it('lets nothing through but text', () => {
  expect(render('\x1b]8;;http://evil.test\x07<a>\x1b]8;;\x07\x1b[2Jb\x00\x1b[1mx"')).toBe(
    '&lt;a&gt;b<span class="b">x&quot;</span>\n',
  )
})
