import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { themeOf } from '../theme.ts'
import { cellWidth } from './cell.ts'
import { highlight, renderCode } from './highlight.ts'
import { renderMarkdown } from './markdown.ts'
import { applySgr, NO_STYLE } from './sgr.ts'

const SGR = /\u001b\[[\d;]*m/g
const plain = themeOf({ background: 'dark', colours: 'none', ascii: true })
const colourful = themeOf({ background: 'dark', colours: 'truecolor', ascii: false })
const bare = (rows: readonly string[]) => rows.map((row) => row.replace(SGR, '').trimEnd())
const render = (markdown: string, width = 40) => bare(renderMarkdown(markdown, { width, theme: plain }))

const EVERYTHING = `# Title of 日本語 and **more**

Text *with* **bold \`code\`**, ~~gone~~ [a link](http://example.com/a/very/long/path/that/is/not/going/to/fit) 👩‍👩‍👧

1. one
   - two
     > three
     > \`\`\`sh
     > echo "a very long line that is wider than most of the panes that there are" | cat
     > \`\`\`

| a | b | c | d |
|---|--:|:-:|---|
| \`kubectl get pods\` | 日本語日本語日本語 | some text that is long | https://example.com/long/url |
`

describe('renderMarkdown', () => {
  it('joins the lines of a paragraph and keeps hard breaks', () => {
    expect(render('one\ntwo  \nthree')).toEqual(['one two', 'three'])
  })

  it('shows what is written, and decodes entities once', () => {
    expect(render('a &lt;b&gt; \\&lt; :smile: `&lt;x:y>` &amp;lt;')).toEqual(['a <b> &lt; :smile: `&lt;x:y>` &lt;'])
  })

  it('shows the address of a link once', () => {
    expect(render('[text](http://a.b) <http://c.d> http://e.f [here](#x)', 80)).toEqual([
      'text (http://a.b) http://c.d http://e.f here',
    ])
  })

  it('lays out lists', () => {
    expect(render('- one two three\n- [x] done **now**\n- [ ] open\n  - inner', 20)).toEqual([
      '- one two three',
      '- [x] done now',
      '- [ ] open',
      '      - inner',
    ])
    expect(render('9. nine is followed by\n10. ten', 16)).toEqual([' 9. nine is', '    followed by', '10. ten'])
    expect(render('- a\n\n- b')).toEqual(['- a', '', '- b'])
  })

  it('sets quotes and code off with a bar, and marks code that goes on', () => {
    expect(render('> one\n> two')).toEqual(['| one two'])
    expect(render('```sh\nkubectl get pods --all-namespaces\n```', 26)).toEqual([
      '| kubectl get pods',
      '| > --all-namespaces',
    ])
    expect(render('    a  b\n')).toEqual(['| a  b'])
  })

  it('shrinks the widest column of a table, and gives up columns where there is no room', () => {
    const table = '| name | text |\n|---|--:|\n| a | one two three |\n| bb | 4 |'
    expect(render(table, 40)).toEqual([
      'name           text',
      '----  -------------',
      'a     one two three',
      'bb                4',
    ])
    expect(render(table, 14)).toEqual([
      'name      text',
      '----  --------',
      'a      one two',
      '         three',
      'bb           4',
    ])
    expect(render(table, 8)).toEqual(['name: a', 'text:', 'one two', 'three', '', 'name: bb', 'text: 4'])
  })

  it('has a rule, and no comments', () => {
    expect(render('a\n\n---\n\n<!-- b -->\n\nc', 5)).toEqual(['a', '', '-----', '', 'c'])
  })

  it('lets no control character through', () => {
    const rows = renderMarkdown('a\u001b[2Jb `c\u009b` [d](http://e\u0007)\n\n```sh\nf\u001b]0;g\u0007\n```', {
      width: 40,
      theme: plain,
    })
    expect(rows.join('').replace(SGR, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  const steps = readdirSync('steps').filter((name) => /^\d/.test(name))
  const course = steps.map((name) => readFileSync(`steps/${name}/step.md`, 'utf8'))

  it.each([1, 2, 5, 10, 14, 30, 58, 120])('fits into %i cells and closes its codes', (width) => {
    for (const markdown of [EVERYTHING, ...(width > 14 ? course : [])]) {
      const rows = renderMarkdown(markdown, { width, theme: colourful })
      expect(rows.filter((row) => cellWidth(row) > width)).toEqual([])
      const open = rows.filter(
        (row) => [...row.matchAll(SGR)].reduce((style, [code]) => applySgr(style, code), NO_STYLE).size > 0,
      )
      expect(open).toEqual([])
    }
  })
})

describe('highlight', () => {
  /** The parts of a code that have a role, as `role:text`. */
  const parts = (code: string, language: string) => {
    const theme = { symbols: plain.symbols, paint: (role: string, text: string) => `⟦${role}:${text}⟧` }
    return highlight(code, language, theme).flatMap((line) => [...line.matchAll(/⟦(.*?)⟧/g)].map((match) => match[1]))
  }

  it.each<[string, string, string[]]>([
    [
      'sh',
      `if test -d "$A"; then # no\n  echo 'x' $B $\{C}#d`,
      [
        'keyword:if',
        'keyword:test',
        'number:-d',
        'string:"$A"',
        'keyword:then',
        'comment:# no',
        "string:'x'",
        'accent:$B',
        `accent:$\{C}`,
      ],
    ],
    ['bash', 'cat <<EOF\nkind: X # it\'s\nEOF\necho "y"', ['accent:kind', "comment:# it's", 'string:"y"']],
    [
      'yaml',
      '- a: "b" # c\n  d: 1.5\n  e: true\n  f: http://x:80',
      ['accent:a', 'string:"b"', 'comment:# c', 'accent:d', 'number:1.5', 'accent:e', 'keyword:true', 'accent:f'],
    ],
    ['json', '{ "a": "b", "c": [1, null] }', ['accent:"a"', 'string:"b"', 'accent:"c"', 'number:1', 'keyword:null']],
    [
      'js',
      'const a = `x\ny` // z\nreturn "b" + 12',
      ['keyword:const', 'string:`x', 'string:y`', 'comment:// z', 'keyword:return', 'string:"b"', 'number:12'],
    ],
    [
      'dockerfile',
      '# c\nFROM node AS build\nCMD ["node"]',
      ['comment:# c', 'keyword:FROM', 'keyword:AS', 'keyword:CMD', 'string:"node"'],
    ],
    [
      'diff',
      '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n c',
      ['strong:--- a/x', 'strong:+++ b/x', 'accent:@@ -1 +1 @@', 'removed:-a', 'added:+b'],
    ],
    ['text', 'if "a" # b', []],
    ['constructor', 'a', []],
  ])('knows %s', (language, code, expected) => {
    expect(parts(code, language)).toEqual(expected)
  })

  it('changes no character and has a row for each line', () => {
    for (const language of ['sh', 'yaml', 'js', 'json', 'dockerfile', 'diff', 'text']) {
      const code = 'a: "b\n\n# c `d\n$(e) <<F\n/* \' */\n-1 + 2'
      expect(bare(highlight(code, language, colourful)).join('\n')).toBe(code)
    }
  })

  it('fits code into few cells', () => {
    for (const width of [1, 3, 6]) {
      const rows = renderCode('a long line of code', 'sh', { width, theme: plain })
      expect(rows.filter((row) => cellWidth(row) > width)).toEqual([])
    }
  })
})
