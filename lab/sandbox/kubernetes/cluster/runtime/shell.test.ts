import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { runInteractive } from './interactive.ts'
import { runScript, type Shell } from './shell.ts'

const newShell = (): Shell => ({
  env: { NAME: 'world', HOME: '/root' },
  cwd: '/app',
  now: () => 0,
  read: () => '',
  list: (path) => {
    if (path !== '/etc') throw Object.assign(new Error(path), { code: 'ENOENT' })
    return []
  },
  run: async (argv, output) => {
    if (argv[0] === 'echo') output('stdout', `${argv.slice(1).join(' ')}\n`)
    return argv[0] === 'echo' ? 0 : argv[0] === 'false' ? 1 : undefined
  },
})

async function script(text: string) {
  let out = ''
  const code = await runScript(newShell(), text, (_, chunk) => {
    out += chunk
  })
  return { code, out }
}

describe('the small shell', () => {
  it.each([
    ['echo a && echo b', 'a\nb\n', 0],
    ['false && echo b', '', 1],
    ['false || echo b; echo c', 'b\nc\n', 0],
    [`echo "hello $NAME" '$NAME' \${NAME}`, 'hello world $NAME world\n', 0],
    ['nothing', 'sh: nothing: not found\n', 127],
    ['cd /none', "sh: cd: can't cd to /none: No such file or directory\n", 1],
    ['exit 7', '', 7],
  ])('%s', async (text, out, code) => {
    expect(await script(text)).toEqual({ code, out })
  })

  it('refuses what it cannot do', async () => {
    expect((await script('echo a | cat')).code).toBe(2)
    expect((await script('echo $(date)')).out).toContain('is not supported here')
  })

  it('reads lines from a terminal, with editing and echo', async () => {
    const stdin = new PassThrough()
    let screen = ''
    const write = (_: string, text: string) => {
      screen += text
    }
    const ended = runInteractive(newShell(), { stdin, tty: true, write })
    stdin.write('echo hix\x7f\rcd /etc\rfalse\rexit\r')
    expect(await ended).toBe(1)
    expect(screen).toBe('/app # echo hix\b \b\nhi\n/app # cd /etc\n/etc # false\n/etc # exit\n')
  })
})
