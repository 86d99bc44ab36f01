import { compile, Struct } from '../../core/template/evaluate.ts'
import { TemplateError } from '../../core/template/lex.ts'
import type { Changes } from './changes.ts'
import { SPRIG } from './sprig.ts'

const DEFAULT_MESSAGE = 'Update from image update automation'

class NamespacedName extends Struct {
  readonly goType = 'types.NamespacedName'

  constructor(
    readonly Namespace: string,
    readonly Name: string,
  ) {
    super()
  }

  override toString(): string {
    return `${this.Namespace}/${this.Name}`
  }
}

class TemplateData extends Struct {
  readonly goType = 'source.TemplateData'

  constructor(
    readonly AutomationObject: NamespacedName,
    readonly Changed: Changes,
    readonly Values: ReadonlyMap<string, string>,
  ) {
    super()
  }
}

/** The template uses a field that Flux has removed; waiting does not help. */
export class RemovedTemplateField extends Error {
  override readonly name = 'RemovedTemplateField'
}

/** The template cannot be read or run. */
export class MessageError extends Error {
  override readonly name = 'MessageError'
}

/** The commit message that a template makes of the changes. @throws MessageError @throws RemovedTemplateField */
export function commitMessage(
  template: string | undefined,
  automation: { readonly namespace: string; readonly name: string },
  changes: Changes,
  values: Readonly<Record<string, string>> = {},
): string {
  let render: (data: unknown) => string
  try {
    render = compile(template || DEFAULT_MESSAGE, 'commit message', SPRIG)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new MessageError(`unable to create commit message template from spec: ${error.message}`)
  }
  const { namespace, name } = automation
  try {
    return render(new TemplateData(new NamespacedName(namespace, name), changes, new Map(Object.entries(values))))
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    if (error.message.includes("can't evaluate field Updated in type source.TemplateData")) {
      throw new RemovedTemplateField("template uses removed '.Updated' field. Please use '.Changed' instead.")
    }
    if (error.message.includes("can't evaluate field ImageResult in type update.Result")) {
      throw new RemovedTemplateField(
        "template uses removed '.Changed.ImageResult' field. Please use '.Changed.FileChanges' or '.Changed.Objects' instead.",
      )
    }
    throw new MessageError(`failed to run template from spec: ${error.message}`)
  }
}
