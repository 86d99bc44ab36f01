import type { Schema } from '../../types.ts'
import { isObject, type Json } from '../registry/values.ts'

/**
 * A step of a path as FieldsV1 writes it: `f:name` (field), `k:{"name":"x"}` (item by keys), `v:"x"` (item of a set),
 * `i:0` (position).
 */
export type Step = string

/**
 * A set of paths. A path is in the set when its last step is a member of the node that the others lead to; a node's
 * children say nothing about the node itself.
 */
export class FieldSet {
  readonly members = new Set<Step>()
  readonly children = new Map<Step, FieldSet>()

  static of(...members: readonly Step[]): FieldSet {
    const set = new FieldSet()
    for (const member of members) set.members.add(member)
    return set
  }

  /** Reads `fieldsV1` of a managedFields entry. */
  static parse(fields: Json | undefined): FieldSet {
    const set = new FieldSet()
    for (const [step, value] of Object.entries(fields ?? {})) {
      if (step === '.' || !isObject(value)) continue
      const child = FieldSet.parse(value)
      if ('.' in value || child.empty) set.members.add(step)
      set.attach(step, child)
    }
    return set
  }

  /** Writes `fieldsV1`, steps in order. */
  serialize(): Json {
    const result: Json = {}
    for (const step of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      const child = this.children.get(step)
      if (child) result[step] = { ...(this.members.has(step) ? { '.': {} } : {}), ...child.serialize() }
      else result[step] = {}
    }
    return result
  }

  get empty(): boolean {
    return this.members.size === 0 && this.children.size === 0
  }

  /** Puts a child under a step unless it is empty. */
  attach(step: Step, child: FieldSet): this {
    if (!child.empty) this.children.set(step, child)
    return this
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet()
    for (const step of [...this.members, ...other.members]) result.members.add(step)
    for (const step of new Set([...this.children.keys(), ...other.children.keys()])) {
      const [a, b] = [this.children.get(step), other.children.get(step)]
      result.attach(step, a && b ? a.union(b) : ((a ?? b) as FieldSet))
    }
    return result
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet()
    for (const step of this.members) if (other.members.has(step)) result.members.add(step)
    for (const [step, child] of this.children) {
      const match = other.children.get(step)
      if (match) result.attach(step, child.intersection(match))
    }
    return result
  }

  /** Paths that are not in `other`. What lies below a path of `other` stays, unless `deep`. */
  difference(other: FieldSet, deep = false): FieldSet {
    const result = new FieldSet()
    for (const step of this.members) if (!other.members.has(step)) result.members.add(step)
    for (const [step, child] of this.children) {
      if (deep && other.members.has(step)) continue
      const match = other.children.get(step)
      result.attach(step, match ? child.difference(match, deep) : child)
    }
    return result
  }

  /** The same with each named field on the way to a path as a path of its own. Keys of free maps are not named. */
  withNamedParents(schema: Schema | undefined): FieldSet {
    const result = FieldSet.of(...this.members)
    for (const [step, child] of this.children) {
      const field = step.startsWith('f:') ? schema?.fields?.[step.slice(2)] : undefined
      if (field) result.members.add(step)
      const below = step.startsWith('f:') ? (field ?? schema?.values) : schema?.items
      result.attach(step, child.withNamedParents(below))
    }
    return result
  }

  /** All paths, each as its steps, parents before what lies below them. */
  *paths(before: readonly Step[] = []): Generator<readonly Step[]> {
    for (const step of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      if (this.members.has(step)) yield [...before, step]
      yield* this.children.get(step)?.paths([...before, step]) ?? []
    }
  }
}

/** A path as conflicts name it: `.spec.ports[port=80,protocol="TCP"].name`. */
export const pathText = (steps: readonly Step[]): string =>
  steps
    .map((step) => {
      const rest = step.slice(2)
      if (step.startsWith('f:')) return `.${rest}`
      if (step.startsWith('v:')) return `[=${rest}]`
      if (step.startsWith('i:')) return `[${rest}]`
      const keys = Object.entries(JSON.parse(rest) as Json).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      return `[${keys.join(',')}]`
    })
    .join('')
