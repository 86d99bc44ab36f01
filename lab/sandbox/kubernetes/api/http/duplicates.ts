/** Keys that a JSON text gives twice, as paths: `data`, `spec.template.spec.containers[0].image`. */
export function duplicateFields(text: string): string[] {
  const found: string[] = []
  type Level = { readonly keys: Set<string> | undefined; path: string; index: number }
  const levels: Level[] = []
  let current = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    const level = levels.at(-1)
    if (letter === '"') {
      const start = at
      for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++
      const isKey = level?.keys !== undefined && /^\s*:/.test(text.slice(at + 1, at + 200))
      if (!isKey || !level?.keys) continue
      const key: string = JSON.parse(text.slice(start, at + 1))
      current = level.path === '' ? key : `${level.path}.${key}`
      if (level.keys.has(key)) found.push(current)
      level.keys.add(key)
    } else if (letter === '{' || letter === '[') {
      const path = level?.keys === undefined && level ? `${level.path}[${level.index}]` : current
      levels.push({ keys: letter === '{' ? new Set() : undefined, path, index: 0 })
    } else if (letter === '}' || letter === ']') {
      levels.pop()
    } else if (letter === ',' && level && level.keys === undefined) {
      level.index += 1
    }
  }
  return found
}
