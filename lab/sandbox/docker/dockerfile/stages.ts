import { type Dockerfile, DockerfileError, type Instruction } from './syntax.ts'
import { expandWord, type Lookup, splitWords } from './words.ts'

/** A stage of a Dockerfile: its FROM, and the instructions up to the next. */
export type Stage = {
  readonly index: number
  readonly name: string | undefined
  /** Image or earlier stage, variables replaced. */
  readonly base: string
  readonly platform: string | undefined
  readonly from: Instruction
  readonly instructions: readonly Instruction[]
}

export type Stages = {
  readonly stages: readonly Stage[]
  /** ARGs before the first FROM, which stages see when they declare them again. */
  readonly globals: ReadonlyMap<string, string>
}

/** Divides a Dockerfile into stages. @throws DockerfileError */
export function stagesOf(
  { instructions, escapeChar }: Dockerfile,
  buildArgs: ReadonlyMap<string, string>,
  platformArgs: Lookup,
): Stages {
  const globals = new Map<string, string>()
  const stages: (Omit<Stage, 'instructions'> & { instructions: Instruction[] })[] = []
  const lookup: Lookup = (name) => globals.get(name) ?? platformArgs(name)
  for (const instruction of instructions) {
    const { keyword, line, text } = instruction
    const fail = (message: string) => new DockerfileError(line, message)
    const expand = (word: string) => {
      try {
        return expandWord(word, lookup, escapeChar)
      } catch (error) {
        throw fail((error as Error).message)
      }
    }
    if (keyword === 'FROM') {
      const [base = '', as, name, ...rest] = splitWords(text, escapeChar)
      if ((as !== undefined && (as.toUpperCase() !== 'AS' || !name)) || rest.length > 0) {
        throw fail('FROM requires either one or three arguments')
      }
      if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/i.test(name)) {
        throw fail(`invalid name for build stage: "${name}", name can't start with a number or contain symbols`)
      }
      const expanded = expand(base)
      if (expanded === '') throw fail(`base name (${base}) should not be blank`)
      const platform = instruction.flags.find((flag) => flag.name === 'platform')?.value
      stages.push({
        index: stages.length,
        name: name?.toLowerCase(),
        base: expanded,
        platform: platform === undefined ? undefined : expand(platform),
        from: instruction,
        instructions: [],
      })
    } else if (stages.length > 0) stages.at(-1)?.instructions.push(instruction)
    else if (keyword === 'ARG') {
      for (const word of splitWords(text, escapeChar)) {
        const [name = '', value] = cut(word)
        const given = buildArgs.get(name) ?? (value === undefined ? undefined : expand(value))
        if (given !== undefined) globals.set(name, given)
      }
    } else throw fail('no build stage in current context')
  }
  if (stages.length === 0) throw new DockerfileError(1, 'file with no instructions')
  return { stages, globals }
}

/** The stage that a name or number means, of those before `before`. */
export function findStage(stages: readonly Stage[], name: string, before = stages.length): Stage | undefined {
  const earlier = stages.slice(0, before)
  return (
    earlier.findLast((stage) => stage.name === name.toLowerCase()) ??
    (/^\d+$/.test(name) ? earlier[Number(name)] : undefined)
  )
}

/** The stages that a target needs, in order: others are not built. */
export function neededStages(stages: readonly Stage[], target: Stage): readonly Stage[] {
  const needed = new Set<Stage>()
  const visit = (stage: Stage): void => {
    if (needed.has(stage)) return
    needed.add(stage)
    const sources = stage.instructions.flatMap(({ flags }) =>
      flags.flatMap(({ name, value }) => (name === 'from' && value ? [value] : [])),
    )
    for (const source of [stage.base, ...sources]) {
      const found = findStage(stages, source, stage.index)
      if (found) visit(found)
    }
  }
  visit(target)
  return stages.filter((stage) => needed.has(stage))
}

/** `name=value` at its first `=`. */
export function cut(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
