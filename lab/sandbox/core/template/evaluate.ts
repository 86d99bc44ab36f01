import { BUILT_IN, printed, type TemplateFunctions, truth } from './functions.ts'
import { TemplateError } from './lex.ts'
import { type Command, type Node, type Pipeline, parse, type Term } from './parse.ts'

/** A struct of Go: reading a field that it does not have is an error. The name is its Go type. */
export abstract class Struct {
  abstract readonly goType: string
}

/**
 * A template of Go's text/template, ready to be run, with functions beside those that it has by itself. Both throw a
 * TemplateError in Go's words.
 */
export function compile(template: string, name: string, more: TemplateFunctions = {}): (data: unknown) => string {
  const functions = { ...BUILT_IN, ...more }
  const nodes = parse(template, name, new Set(Object.keys(functions)))
  return (data) => new Execution(name, data, functions).run(nodes)
}

type Scope = { readonly variables: Map<string, unknown>; readonly parent: Scope | undefined }

class Execution {
  constructor(
    private readonly name: string,
    private readonly data: unknown,
    private readonly functions: TemplateFunctions,
  ) {}

  run(nodes: readonly Node[]): string {
    return this.walk(nodes, this.data, { variables: new Map([['$', this.data]]), parent: undefined })
  }

  private walk(nodes: readonly Node[], dot: unknown, scope: Scope): string {
    return nodes.map((node) => this.node(node, dot, scope)).join('')
  }

  private node(node: Node, dot: unknown, scope: Scope): string {
    switch (node.kind) {
      case 'text':
        return node.text
      case 'print':
        return printed(this.pipeline(node.pipeline, dot, scope, node.line))
      case 'assign': {
        const value = this.pipeline(node.pipeline, dot, scope, node.line)
        const holder = node.isNew ? scope : this.scopeOf(node.name, scope, node.line)
        holder.variables.set(node.name, value)
        return ''
      }
      case 'range':
        return this.range(node, dot, scope)
      default: {
        const value = this.pipeline(node.pipeline, dot, scope, node.line)
        const inner: Scope = { variables: new Map(), parent: scope }
        for (const variable of node.variables) inner.variables.set(variable, value)
        if (!truth(value)) return this.walk(node.otherwise, dot, inner)
        return this.walk(node.body, node.kind === 'with' ? value : dot, inner)
      }
    }
  }

  private range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, dot: unknown, scope: Scope): string {
    const value = this.pipeline(node.pipeline, dot, scope, node.line)
    const entries = entriesOf(value)
    if (!entries) throw this.failure(node.line, `range can't iterate over ${printed(value)}`)
    if (entries.length === 0) return this.walk(node.otherwise, dot, scope)
    const [first, second] = node.variables
    return entries
      .map(([key, item]) => {
        const variables = new Map<string, unknown>()
        if (second !== undefined) variables.set(first as string, key).set(second, item)
        else if (first !== undefined) variables.set(first, item)
        return this.walk(node.body, item, { variables, parent: scope })
      })
      .join('')
  }

  private pipeline(pipeline: Pipeline, dot: unknown, scope: Scope, line: number): unknown {
    let value: { readonly last: unknown } | undefined
    for (const command of pipeline) value = { last: this.command(command, dot, scope, line, value) }
    return value?.last
  }

  private command(command: Command, dot: unknown, scope: Scope, line: number, piped?: { last: unknown }): unknown {
    const [first, ...rest] = command as [Term, ...Term[]]
    const args = rest.map((term) => this.term(term, dot, scope, line))
    if (piped) args.push(piped.last)
    if (first.operand.kind === 'function') {
      const call = this.functions[first.operand.name] as (...args: readonly unknown[]) => unknown
      return this.fields(call(...args), first, line)
    }
    if (args.length > 0) throw this.failure(line, `can't give argument to non-function ${first.text}`)
    return this.term(first, dot, scope, line)
  }

  private term(term: Term, dot: unknown, scope: Scope, line: number): unknown {
    const { operand } = term
    switch (operand.kind) {
      case 'literal':
        return operand.value
      case 'dot':
        return this.fields(dot, term, line)
      case 'variable':
        return this.fields(this.scopeOf(operand.name, scope, line).variables.get(operand.name), term, line)
      case 'function':
        return this.fields(this.functions[operand.name]?.(), term, line)
      case 'pipeline':
        return this.fields(this.pipeline(operand.pipeline, dot, scope, line), term, line)
    }
  }

  private fields(value: unknown, { fields, text }: Term, line: number): unknown {
    return fields.reduce((found: unknown, field) => {
      if (found instanceof Map) return found.get(field)
      if (found instanceof Struct && field in found && field !== 'goType') {
        return (found as unknown as Record<string, unknown>)[field]
      }
      const type = found instanceof Struct ? found.goType : typeof found
      throw this.failure(line, `at <${text}>: can't evaluate field ${field} in type ${type}`)
    }, value)
  }

  private scopeOf(name: string, scope: Scope, line: number): Scope {
    for (let one: Scope | undefined = scope; one; one = one.parent) if (one.variables.has(name)) return one
    throw new TemplateError(`template: ${this.name}:${line}: undefined variable ${JSON.stringify(name)}`)
  }

  private failure(line: number, message: string): TemplateError {
    return new TemplateError(`template: ${this.name}:${line}: executing ${JSON.stringify(this.name)} ${message}`)
  }
}

/** Keys and values, maps in the order of their keys; undefined for what has none. */
function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map((item, at) => [at, item] as const)
  if (value instanceof Map) return [...value].sort(([a], [b]) => (printed(a) < printed(b) ? -1 : 1))
  return undefined
}
