/** One image's change, as the commit message tells it. */
export type Change = {
  readonly alias: string
  /** With the registry. */
  readonly fullName: string
  /** Without the registry. */
  readonly name: string
  readonly oldVersion: string
  readonly newVersion: string
}

export const DEFAULT_TEMPLATE = `build: automatic update of {{ .AppName }}

{{ range .AppChanges -}}
updates image {{ .Image }} tag '{{ .OldTag }}' to '{{ .NewTag }}'
{{ end -}}
`

/**
 * Fills a template for commit messages: of Go's templates it knows the fields `.AppName`, `.AppChanges`, `.Image`,
 * `.OldTag`, `.NewTag`, one `range` and the dashes that trim. @throws Error for anything else
 */
export function commitMessage(template: string, application: string, changes: readonly Change[]): string {
  const trimmed = template.replace(/\s*\{\{-\s/g, '{{ ').replace(/\s-\}\}\s*/g, ' }}')
  const looped = trimmed.replace(/\{\{\s*range\s+\.AppChanges\s*\}\}(.*?)\{\{\s*end\s*\}\}/gs, (_, body: string) =>
    changes
      .map((change) => fill(body, { Image: change.name, OldTag: change.oldVersion, NewTag: change.newVersion }))
      .join(''),
  )
  return fill(looped, { AppName: application })
}

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = values[expression.replace(/^\./, '')]
    if (value === undefined || !expression.startsWith('.')) {
      throw new Error(`could not parse commit message template: not supported in this sandbox: {{ ${expression} }}`)
    }
    return value
  })
