import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(join(root, path)).isDirectory()) return name === 'node_modules' ? [] : sources(path)
    return /\.tsx?$/.test(name) ? [path] : []
  })

/** Every static or dynamic import of a file: a path from the root for our own, the specifier for a package. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/g)].map((match) => match[1] as string)
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  )
}

/** The room of a file: the folder that the table of docs/architecture.md speaks of. */
function roomOf(file: string): string {
  const parts = file.split('/')
  if (parts[0] === 'steps') return 'steps'
  if (parts[0] !== 'lab') return parts[0] as string
  if (parts.length === 2) return parts[1] as string
  return parts[1] === 'sandbox' && parts.length > 3 ? `sandbox/${parts[2]}` : (parts[1] as string)
}

const allowed: Record<string, (target: string, room: string, file: string) => boolean> = {
  engine: () => false,
  course: (target, room) => room === 'engine' || target === 'lab/step.ts',
  views: (_, room) => room === 'engine',
  drivers: (_, room) => room === 'engine',
  'step.ts': (_, room) => room === 'engine',
  prove: (_, room) => room === 'engine' || room === 'course',
  serve: (_, room) => room === 'engine' || room === 'course',
  environments: (target, _room, file) =>
    target === 'lab/engine/ports.ts' || (target === 'lab/sandbox/index.ts' && file === 'lab/environments/sandbox.ts'),
  steps: (target) => target === 'lab/step.ts',
  cli: () => false,
  commands: (_, room) => ['engine', 'course', 'serve', 'views', 'drivers', 'prove', 'cli'].includes(room),
}

const isTest = (file: string) => /\.test\.tsx?$/.test(file)
const files = [...sources('lab'), ...sources('steps')].filter((file) => !isTest(file))

describe('import rules', () => {
  it('each room imports only what docs/architecture.md allows it', () => {
    const breaches = files.flatMap((file) => {
      const room = roomOf(file)
      return importsOf(file)
        .filter((target) => /^(lab|steps)\//.test(target))
        .filter((target) => {
          const targetRoom = roomOf(target)
          if (targetRoom === room || room === 'main.ts' || room === 'testing') return false
          if (targetRoom === 'testing') return true
          if (room.startsWith('sandbox')) {
            if (room === 'sandbox') return !targetRoom.startsWith('sandbox')
            return !(targetRoom === 'sandbox/core' || /^lab\/sandbox\/[^/]+\/index\.ts$/.test(target))
          }
          return !(allowed[room]?.(target, targetRoom, file) ?? false)
        })
        .map((target) => `${file} imports ${target}`)
    })
    expect(breaches).toEqual([])
  })

  it('the engine knows no node, no React and no shell', () => {
    const breaches = files
      .filter((file) => roomOf(file) === 'engine')
      .flatMap((file) =>
        importsOf(file)
          .filter((t) => !t.startsWith('lab/engine/'))
          .map((t) => `${file} imports ${t}`),
      )
    expect(breaches).toEqual([])
  })

  it('only the terminal UI knows React and Ink', () => {
    const breaches = files
      .filter((file) => !file.startsWith('lab/views/tui/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => /^(react|ink)(\/|$)/.test(target))
          .map((target) => `${file} imports ${target}`),
      )
    expect(breaches).toEqual([])
  })

  it('only main.ts exits', () => {
    const breaches = files.filter(
      (file) => file !== 'lab/main.ts' && /\bprocess\.exit\(/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(breaches).toEqual([])
  })

  it('there are no cycles', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).filter((t) => existsSync(join(root, t)))]))
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const target of graph.get(file) ?? []) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })
})
