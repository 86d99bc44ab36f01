import { compile, Struct } from '../../core/template/evaluate.ts'

/** One image's change, as the commit message tells it. */
export type Change = {
  readonly alias: string
  /** With the registry. */
  readonly fullName: string
  /** Without the registry. */
  readonly name: string
  readonly oldVersion: string
  readonly newVersion: string
  /** Of the new image; only where the strategy looks into images. */
  readonly labels: Readonly<Record<string, string>>
}

/** Writes the message of a commit. @throws TemplateError when the template asks for what there is not */
export type CommitMessage = (application: string, changes: readonly Change[]) => string

const DEFAULT_TEMPLATE = `build: automatic update of {{ .AppName }}

{{ range .AppChanges -}}
updates image {{ .Image }} tag '{{ .OldTag }}' to '{{ .NewTag }}'
{{ end -}}
`

class MessageChange extends Struct {
  readonly goType = 'argocd.commitMessageChange'

  constructor(
    readonly Image: string,
    readonly OldTag: string,
    readonly NewTag: string,
    readonly Labels: ReadonlyMap<string, string>,
  ) {
    super()
  }
}

class MessageData extends Struct {
  readonly goType = 'argocd.commitMessageTemplate'

  constructor(
    readonly AppName: string,
    readonly AppChanges: readonly MessageChange[],
  ) {
    super()
  }
}

/** Commit messages by a template, or by the usual one without. @throws TemplateError */
export function commitMessages(template: string | undefined): CommitMessage {
  const render = compile(template || DEFAULT_TEMPLATE, 'commitMessage')
  return (application, changes) => {
    const told = changes.map(
      ({ name, oldVersion, newVersion, labels }) =>
        new MessageChange(name, oldVersion, newVersion, new Map(Object.entries(labels))),
    )
    return render(new MessageData(application, told))
  }
}
