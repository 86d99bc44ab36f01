// What is packed: the bundle, small; the licences of what it contains; the manual page.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createJiti } from 'jiti'
import { bundle } from './build.mjs'

process.chdir(join(import.meta.dirname, '..'))
const { inputs } = await bundle({ minify: true })

/** The folders of the packages whose files are in the bundle, nested ones included. */
const folders = [
  ...new Set(
    Object.keys(inputs).flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
  ),
]

const notices = folders.map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  if (!license && texts.length === 0) throw new Error(`${name} ${version} has no licence: it may not be bundled`)
  return { title: `${name} ${version} (${license ?? 'see below'})`, text: texts.join('\n\n') }
})
const rule = '-'.repeat(80)
writeFileSync(
  'dist/NOTICE',
  [
    'gitops-lab contains these packages, each under its own licence.',
    ...notices
      .sort((a, b) => (a.title < b.title ? -1 : 1))
      .map(({ title, text }) => `${rule}\n${title}\n${rule}\n${text || 'No licence file is published with it.'}`),
  ].join('\n\n'),
)

const jiti = createJiti(import.meta.url)
const { manualPage } = await jiti.import('../lab/cli/manual.ts')
const { commandTree } = await jiti.import('../lab/cli/tree.ts')
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const date = existsSync('.git') ? execFileSync('git', ['log', '-1', '--format=%cs'], { encoding: 'utf8' }).trim() : ''
writeFileSync('dist/gitops-lab.1', manualPage(commandTree(version), version, date))

const types = ['--declaration', '--emitDeclarationOnly', '--outDir', 'dist/types', '--ignoreConfig', '--skipLibCheck']
const as = ['--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler', '--allowImportingTsExtensions']
execFileSync('npx', ['tsc', 'lab/step.ts', ...types, ...as, '--strict', '--types', 'node'], { stdio: 'inherit' })
