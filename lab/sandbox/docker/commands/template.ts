import { DockerError } from '../job.ts'

/**
 * Fills the part of Go's templates that one uses with `--format`: `{{.Field.Sub}}`, `{{json .Field}}` and
 * `{{index .List 0}}`. @throws DockerError for the rest
 */
export function renderTemplate(template: string, value: unknown): string {
  return template.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const json = /^json\s+(\S+)$/.exec(expression)
    if (json) return JSON.stringify(fieldOf(value, json[1] as string))
    const index = /^index\s+(\.\S*)\s+(?:"([^"]*)"|(\d+))$/.exec(expression)
    if (index)
      return text((fieldOf(value, index[1] as string) as Record<string, unknown>)?.[index[2] ?? index[3] ?? ''])
    return text(fieldOf(value, expression))
  })
}

function fieldOf(value: unknown, path: string): unknown {
  if (!/^\.[\w.]*$/.test(path))
    throw new DockerError(`template parsing error: not supported in this sandbox: {{${path}}}`)
  let current = value
  for (const name of path.split('.').filter(Boolean)) {
    if (typeof current !== 'object' || current === null || !(name in current)) {
      throw new DockerError(`template parsing error: template: :1: can't evaluate field ${name}`)
    }
    current = (current as Record<string, unknown>)[name]
  }
  return current
}

const text = (value: unknown): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'object'
      ? `[${Object.values(value).join(' ')}]`
      : String(value)
