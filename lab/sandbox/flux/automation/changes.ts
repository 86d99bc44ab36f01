import { Struct } from '../../core/template/evaluate.ts'

/** One value that a policy replaced. */
export class Change extends Struct {
  readonly goType = 'update.Change'

  constructor(
    readonly OldValue: string,
    readonly NewValue: string,
    readonly Setter: string,
  ) {
    super()
  }
}

/** The object that a changed value belongs to; a kustomization.yaml has no name. */
export class ObjectIdentifier extends Struct {
  readonly goType = 'update.ObjectIdentifier'

  constructor(
    readonly APIVersion: string,
    readonly Kind: string,
    readonly Name: string,
    readonly Namespace: string,
  ) {
    super()
  }

  override toString(): string {
    return `{{${this.Name} ${this.Namespace}} {${this.APIVersion} ${this.Kind}}}`
  }
}

export type ObjectChanges = Map<ObjectIdentifier, Change[]>

/** All changes of a run, as message templates see them: by file, by object, and each once. */
export class Changes extends Struct {
  readonly goType = 'update.Result'
  readonly FileChanges = new Map<string, ObjectChanges>()

  add(file: string, object: ObjectIdentifier, changes: readonly Change[]): void {
    const objects = this.FileChanges.get(file) ?? new Map()
    objects.set(object, [...(objects.get(object) ?? []), ...changes])
    this.FileChanges.set(file, objects)
  }

  get Objects(): ObjectChanges {
    return new Map([...this.FileChanges.values()].flatMap((objects) => [...objects]))
  }

  get Changes(): readonly Change[] {
    const all = [...this.FileChanges.values()].flatMap((objects) => [...objects.values()].flat())
    const byText = new Map(all.map((change) => [`${change.Setter}\n${change.OldValue}\n${change.NewValue}`, change]))
    return [...byText.values()]
  }
}
