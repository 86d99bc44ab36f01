/** A line of `requirements` in lab.yaml: `kubectl >=1.30`, or a name alone. */
export type Requirement = { readonly name: string; readonly least?: string }

export function parseRequirement(text: string): Requirement {
  const match = /^(\S+)(?:\s+>=\s*(\d+(?:\.\d+)*))?$/.exec(text.trim())
  if (!match) throw new Error(`"${text}" is no requirement: a program's name, and ">=VERSION" where it matters`)
  return { name: match[1] as string, least: match[2] }
}

/** Whether a version is good enough; one that is not told (`''`) is. */
export function judgeVersion(requirement: string, version: string): boolean {
  const { least } = parseRequirement(requirement)
  if (least === undefined || version === '') return true
  const [has, wants] = [version, least].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (const [at, want] of wants.entries()) {
    const difference = (has[at] ?? 0) - want
    if (difference !== 0) return difference > 0
  }
  return true
}
