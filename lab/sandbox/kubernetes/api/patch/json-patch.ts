import { ApiError } from '../../../core/errors.ts'
import { badRequest } from '../registry/errors.ts'
import { clone, equal, isObject } from '../registry/values.ts'

type Operation = { op: string; path?: string; from?: string; value?: unknown }

/** The real server answers every operation that cannot be done with the same words. */
const rejected = () =>
  new ApiError(422, 'the server rejected our request due to an error in our request', {
    reason: 'Invalid',
    details: {},
  })

const unescaped = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~')

function pointer(path: string | undefined): string[] {
  if (path === undefined || (path !== '' && !path.startsWith('/'))) throw rejected()
  return path === '' ? [] : path.slice(1).split('/').map(unescaped)
}

function index(part: string, length: number): number {
  if (!/^(0|-?[1-9]\d*)$/.test(part)) throw rejected()
  const at = Number(part) < 0 ? length + Number(part) : Number(part)
  if (at < 0 || at > length) throw rejected()
  return at
}

function step(container: unknown, part: string): unknown {
  if (Array.isArray(container)) {
    const at = index(part, container.length)
    if (at === container.length) throw rejected()
    return container[at]
  }
  if (!isObject(container) || !(part in container)) throw rejected()
  return container[part]
}

const read = (document: unknown, path: readonly string[]) => path.reduce(step, document)

function write(document: unknown, path: readonly string[], change: (container: unknown, last: string) => void): void {
  change(read(document, path.slice(0, -1)), path.at(-1) as string)
}

const add = (value: unknown) => (container: unknown, part: string) => {
  if (Array.isArray(container)) {
    container.splice(part === '-' ? container.length : index(part, container.length), 0, value)
  } else if (isObject(container)) container[part] = value
  else throw rejected()
}

const replace = (value: unknown) => (container: unknown, part: string) => {
  step(container, part)
  if (Array.isArray(container)) container[index(part, container.length)] = value
  else if (isObject(container)) container[part] = value
}

const remove = (container: unknown, part: string) => {
  step(container, part)
  if (Array.isArray(container)) container.splice(index(part, container.length), 1)
  else if (isObject(container)) delete container[part]
}

/**
 * RFC 6902 on a copy of `document`.
 * @throws ApiError 400 for a patch that is no list, 422 for an operation that cannot be done
 */
export function jsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    const kind = isObject(patch) ? 'object' : patch === null ? 'null' : typeof patch
    const text = `json: cannot unmarshal ${kind} into Go value of type []handlers.jsonPatchOp`
    throw badRequest(`error decoding patch: ${text}`)
  }
  const root = { document: clone(document) }
  const at = (path: string | undefined) => ['document', ...pointer(path)]
  for (const { op, path, from, value } of patch as Operation[]) {
    if (op === 'add') write(root, at(path), add(clone(value)))
    else if (op === 'replace') write(root, at(path), replace(clone(value)))
    else if (op === 'remove') write(root, at(path), remove)
    else if (op === 'copy') write(root, at(path), add(clone(read(root, at(from)))))
    else if (op === 'move') {
      const moved = read(root, at(from))
      write(root, at(from), remove)
      write(root, at(path), add(moved))
    } else if (op === 'test') {
      if (!matches(root, at(path), value)) throw rejected()
    } else throw rejected()
  }
  return root.document
}

/** A missing path passes the test for null. */
function matches(root: unknown, path: readonly string[], value: unknown): boolean {
  try {
    return equal(read(root, path), value)
  } catch {
    return value === null
  }
}
