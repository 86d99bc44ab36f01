import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './parse.ts'

const parse = (text: string) => parseCommandLine(text.split(' ').filter(Boolean), '1.2.3')
const line = (text: string) => {
  const parsed = parse(text)
  return parsed.kind === 'run' ? parsed.line : parsed
}

describe('parseCommandLine', () => {
  it.each<[string, object]>([
    ['', { command: 'home', options: { verbose: false, yes: false, download: true } }],
    ['--verbose', { command: 'home', options: { verbose: true } }],
    ['run', { command: 'run', steps: [], json: false, simulateImages: [] }],
    ['run 1 argocd --json', { command: 'run', steps: ['1', 'argocd'], json: true }],
    ['run --until 3', { command: 'run', steps: [], until: '3' }],
    ['check', { command: 'check', now: false, json: false }],
    ['check 2/push-app --now --json', { command: 'check', target: '2/push-app', now: true, json: true }],
    ['why --json', { command: 'why', json: true }],
    ['status --lab ../mine --yes', { command: 'status', options: { lab: '../mine', yes: true } }],
    [
      '--state-dir /s --dir /w --no-download timers',
      { command: 'timers', options: { stateDir: '/s', dir: '/w', download: false } },
    ],
    ['reset', { command: 'reset' }],
    ['nudge', { command: 'nudge' }],
    ['down', { command: 'down' }],
    ['env', { command: 'env' }],
    ['shell', { command: 'shell' }],
    ['sandbox up --simulate-images a/* --simulate-images b', { command: 'sandbox-up', simulateImages: ['a/*', 'b'] }],
    ['sandbox down', { command: 'sandbox-down' }],
    ['sandbox status', { command: 'sandbox-status', json: false }],
    ['sandbox logs --lines 5', { command: 'sandbox-logs', lines: 5 }],
    ['snapshot a', { command: 'snapshot', name: 'a' }],
    ['restore a', { command: 'restore', name: 'a' }],
    ['snapshots', { command: 'snapshots' }],
    ['drill', { command: 'drill', hint: false, undo: false, json: false }],
    ['drill --hint', { command: 'drill', hint: true }],
    ['drill --undo', { command: 'drill', undo: true }],
    ['doctor', { command: 'doctor' }],
    ['lint', { command: 'lint', prove: false }],
    ['lint DIR --prove', { command: 'lint', directory: 'DIR', prove: true }],
    ['serve --simulate-images x', { command: 'serve', simulateImages: ['x'] }],
  ])('%s', (text, expected) => expect(line(text)).toMatchObject(expected))

  it.each([
    ['chekc', "error: unknown command 'chekc'\n(Did you mean check?)"],
    ['sandbox upp', "error: unknown command 'upp'\n(Did you mean up?)"],
    ['check a b', 'error: too many arguments'],
    ['check --nwo', "error: unknown option '--nwo'\n(Did you mean --now?)"],
    ['drill x --undo', 'error: --undo stands alone'],
    ['drill x --json', 'error: --json is for the list'],
    ['snapshot', "error: missing required argument 'name'"],
    ['run 1 --until 2', 'error: either name steps, or use --until'],
    ['sandbox logs --lines x', 'a whole number above 0 is needed'],
    ['run --until', "error: option '--until <step>' argument missing"],
    ['sandbox', 'Usage: gitops-lab sandbox'],
  ])('refuses %j', (text, expected) => {
    const parsed = parse(text)
    expect(parsed.kind).toBe('usage')
    expect('text' in parsed && parsed.text).toContain(expected)
  })

  it.each([
    ['--version', '1.2.3\n'],
    ['--help', 'Usage: gitops-lab'],
    ['help run', 'Usage: gitops-lab run'],
    ['check --help', '--now'],
  ])('answers %j', (text, expected) => {
    const parsed = parse(text)
    expect(parsed.kind).toBe('text')
    expect('text' in parsed && parsed.text).toContain(expected)
  })
})
