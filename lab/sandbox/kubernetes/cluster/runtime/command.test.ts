import { describe, expect, it } from 'vitest'
import { argvOf, followCommand } from './command.ts'

const config = { config: { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['node'] } }
const files: Record<string, string> = {
  '/app/package.json': JSON.stringify({
    scripts: {
      start: 'NODE_ENV=production node --no-deprecation "server 1.js"',
      loop: 'npm run loop',
      piped: 'node a | tee b',
    },
  }),
}
const follow = (...argv: string[]) => followCommand(argv, '/app', (path) => files[path])

describe('what a container runs', () => {
  it.each([
    [[], [], ['docker-entrypoint.sh', 'node']],
    [[], ['server.js'], ['docker-entrypoint.sh', 'server.js']],
    [['node'], ['x.js'], ['node', 'x.js']],
  ])('command %j and args %j make %j', (command, args, argv) => {
    expect(argvOf(command, args, config)).toEqual(argv)
  })

  it.each([
    [['node', 'a.js', '--x'], ['a.js', '--x'], {}],
    [['docker-entrypoint.sh', 'server.js'], ['server.js'], {}],
    [['/bin/sh', '-c', 'exec node a.js'], ['a.js'], {}],
    [['npm', 'start'], ['--no-deprecation', 'server 1.js'], { NODE_ENV: 'production' }],
    [['npm', 'start', '--', '--port=1'], ['--no-deprecation', 'server 1.js', '--port=1'], { NODE_ENV: 'production' }],
  ])('%j starts node with %j', (argv, args, env) => {
    expect(follow(...argv)).toEqual({ args, env })
  })

  it.each([
    [['python', 'x.py'], 'exec: "python": executable file not found in $PATH'],
    [['npm', 'run', 'none'], 'Missing script: "none"'],
    [['npm', 'run', 'loop'], 'without end'],
    [['npm', 'run', 'piped'], 'there is no shell'],
    [['npm', 'install'], 'only npm start and npm run'],
    [['node', '--allow-fs-read=*', 'x.js'], 'not allowed in a container'],
    [[], 'no command specified'],
  ])('%j is refused', (argv, message) => {
    expect(() => follow(...argv)).toThrow(message)
  })
})
