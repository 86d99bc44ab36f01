import { DockerError } from '../job.ts'

/** A flag of a command. `unsupported` ones are refused with a reason instead of being overlooked. */
export type FlagSpec = {
  readonly type: 'boolean' | 'string' | 'list'
  readonly short?: string
  readonly unsupported?: string
}

export type CommandSpec = {
  /** `docker push` */
  readonly name: string
  /** What follows the name in the usage line. */
  readonly usage: string
  readonly flags: Readonly<Record<string, FlagSpec>>
  readonly min: number
  readonly max: number
}

export type Arguments = {
  readonly positional: readonly string[]
  /** The last value given. */
  value(flag: string): string | undefined
  values(flag: string): readonly string[]
  is(flag: string): boolean
}

/** Reads a command line as docker does. @throws DockerError 125 for flags, 1 for a wrong number of arguments */
export function parseArguments(spec: CommandSpec, argv: readonly string[]): Arguments {
  const given = new Map<string, string[]>()
  const positional: string[] = []
  const wrongFlag = (why: string) => new DockerError(`${why}\n\n${usageText(spec)}`, 125)
  const take = (name: string, label: string, inline: string | undefined, next: () => string | undefined) => {
    const flag = spec.flags[name] as FlagSpec
    if (flag.unsupported) throw new DockerError(`not supported in this sandbox: ${label} (${flag.unsupported})`)
    const value = flag.type === 'boolean' ? (inline ?? 'true') : (inline ?? next())
    if (value === undefined)
      throw wrongFlag(`flag needs an argument: ${label.startsWith('--') ? label : `'${name.charAt(0)}' in ${label}`}`)
    given.set(name, [...(given.get(name) ?? []), value])
  }
  const rest = [...argv]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') positional.push(...rest.splice(0))
    else if (word.startsWith('--')) {
      const [name = '', inline] = splitFlag(word.slice(2))
      if (name === 'help') throw new DockerError(usageText(spec), 0)
      if (!spec.flags[name]) throw wrongFlag(`unknown flag: --${name}`)
      take(name, `--${name}`, inline, () => rest.shift())
    } else if (word.startsWith('-') && word !== '-') {
      for (let letters = word.slice(1); letters !== ''; ) {
        const letter = letters.charAt(0)
        const name = Object.keys(spec.flags).find((key) => spec.flags[key]?.short === letter)
        if (!name) throw wrongFlag(`unknown shorthand flag: '${letter}' in ${word}`)
        letters = letters.slice(1)
        if (spec.flags[name]?.type === 'boolean') take(name, word, undefined, () => undefined)
        else {
          take(name, word, letters === '' ? undefined : letters.replace(/^=/, ''), () => rest.shift())
          letters = ''
        }
      }
    } else positional.push(word)
  }
  if (positional.length < spec.min || positional.length > spec.max) {
    const { min, max } = spec
    const count = (n: number) => `${n} argument${n === 1 ? '' : 's'}`
    const needs =
      max === 0
        ? 'accepts no arguments'
        : min === max
          ? `requires ${count(min)}`
          : positional.length < min
            ? `requires at least ${count(min)}`
            : `requires at most ${count(max)}`
    throw new DockerError(`docker: '${spec.name}' ${needs}\n\n${usageText(spec)}`)
  }
  return {
    positional,
    value: (flag) => given.get(flag)?.at(-1),
    values: (flag) => given.get(flag) ?? [],
    is: (flag) => given.get(flag)?.at(-1) === 'true',
  }
}

const usageText = ({ name, usage }: CommandSpec): string =>
  `Usage:  ${name}${usage ? ` ${usage}` : ''}\n\nRun '${name} --help' for more information`

function splitFlag(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
