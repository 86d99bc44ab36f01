type Pattern = { readonly negated: boolean; readonly directory: boolean; readonly matches: (path: string) => boolean }

/** Left out of every artifact, unless a later pattern brings it back: version control, binaries, CI settings. */
const DEFAULT_PATTERNS = [
  ...['.git/', '.gitignore', '.gitmodules', '.gitattributes'],
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
]

/** One line of a `.sourceignore` file that lies in `folder` (`''` is the root). */
function parsePattern(line: string, folder: string): Pattern | undefined {
  const text = line.replace(/(?<!\\)\s+$/, '')
  if (text === '' || text.startsWith('#')) return undefined
  const negated = text.startsWith('!')
  const body = negated ? text.slice(1) : text.replace(/^\\([#!])/, '$1')
  const directory = body.endsWith('/')
  const glob = body.replace(/\/$/, '')
  const anchored = glob.includes('/')
  const expression = new RegExp(`^${globToExpression(glob.replace(/^\//, ''))}$`)
  const prefix = folder === '' ? '' : `${folder}/`
  return {
    negated,
    directory,
    matches: (path) => {
      if (!path.startsWith(prefix)) return false
      const below = path.slice(prefix.length)
      return expression.test(anchored ? below : (below.split('/').at(-1) as string))
    },
  }
}

function globToExpression(glob: string): string {
  return glob.replace(/\/\*\*\/|^\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]]+\]|[.+^${}()|\\]/g, (token) => {
    if (token === '/**/') return '/(?:.*/)?'
    if (token === '**/') return '(?:.*/)?'
    if (token === '/**') return '/.*'
    if (token.startsWith('*')) return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.startsWith('[')) return token.replace(/^\[!/, '[^')
    return `\\${token}`
  })
}

export type IgnoreFile = { readonly folder: string; readonly text: string }

/**
 * Whether a file is left out of an artifact: the last pattern that matches it or a folder above it decides. The default
 * patterns come first, then the `.sourceignore` files, then `spec.ignore`.
 */
export function ignoreFilter(files: readonly IgnoreFile[], spec: string | undefined): (path: string) => boolean {
  const lines = [
    ...DEFAULT_PATTERNS.map((line) => ({ line, folder: '' })),
    ...files.flatMap(({ folder, text }) => text.split('\n').map((line) => ({ line, folder }))),
    ...(spec ?? '').split('\n').map((line) => ({ line, folder: '' })),
  ]
  const patterns = lines.flatMap(({ line, folder }) => parsePattern(line.replace(/\r$/, ''), folder) ?? []).reverse()
  return (path) => {
    const parts = path.split('/')
    const above = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'))
    const decisive = patterns.find(({ directory, matches }) => above.some(matches) || (!directory && matches(path)))
    return decisive !== undefined && !decisive.negated
  }
}
