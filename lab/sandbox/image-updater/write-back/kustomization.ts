import { Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { kustomizeName, parseImage } from '../select/image.ts'

/**
 * Writes image overrides (`[old=]name[:tag][@digest]`) into the text of a kustomization: an entry of `images` with the
 * same name is replaced whole, so that its comments, quotes and flow style go; others are added at the end. The rest of
 * the file stays as it is. @throws Error when the text is no mapping
 */
export function setImages(text: string, images: readonly string[]): string {
  return images.reduce(setImage, text)
}

function setImage(text: string, override: string): string {
  const document = parseDocument(text)
  if (document.errors[0]) throw document.errors[0]
  const { contents } = document
  if (contents !== null && !isMap(contents)) throw new Error('the kustomization is no mapping')
  const fields = fieldsOf(override)
  const images = contents?.get('images', true)
  if (isSeq(images) && images.items.length > 0) return setEntry(text, images, fields)
  const lines = block(fields, '')
  if (images === undefined) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}images:\n${lines}\n`
  // `images:` without a value, or an empty list.
  const [start, end] = (images as { range?: [number, number, number] | null }).range ?? [text.length, text.length]
  const rest = text.slice(end)
  return `${text.slice(0, start).trimEnd()}\n${lines}${rest.startsWith('\n') ? '' : '\n'}${rest}`
}

type Field = readonly [name: string, value: string]

/** The entry of an override, in the order in which kustomize writes it. */
function fieldsOf(override: string): readonly Field[] {
  const name = kustomizeName(override)
  const target = override.split('=').at(-1) as string
  const { registry, name: repository, tag, digest } = parseImage(target)
  const newName = registry ? `${registry}/${repository}` : repository
  return [
    ['name', name],
    ...(newName === name ? [] : [['newName', newName] as const]),
    ...(tag ? [['newTag', tag] as const] : []),
    ...(digest ? [['digest', digest] as const] : []),
  ]
}

function setEntry(text: string, images: YAMLSeq, fields: readonly Field[]): string {
  const name = fields[0]?.[1]
  const found = images.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === name)
  if (images.flow) {
    const entry = `{${fields.map(([key, value]) => `${key}: ${scalar(value)}`).join(', ')}}`
    const at = found?.range ?? rangeAfter(images)
    return found
      ? text.slice(0, at[0]) + entry + text.slice(at[1])
      : `${text.slice(0, at[1])}, ${entry}${text.slice(at[1])}`
  }
  if (found?.range) {
    const [start, valueEnd] = found.range
    const body = block(fields, indentAt(text, start)).replace(/^\s*- /, '')
    return text.slice(0, start) + body + text.slice(endOfLine(text, lastValueEnd(found, valueEnd)))
  }
  const last = images.items.at(-1) as YAMLMap
  const [start, valueEnd] = last.range ?? rangeAfter(images)
  const end = endOfLine(text, isMap(last) ? lastValueEnd(last, valueEnd) : valueEnd)
  return `${text.slice(0, end)}\n${block(fields, indentAt(text, start))}${text.slice(end)}`
}

const rangeAfter = (images: YAMLSeq): readonly [number, number] => {
  const range = (images.items.at(-1) as { range?: [number, number, number] }).range as [number, number, number]
  return [range[0], range[1]]
}

/** Where the last value of a mapping ends, without the blank lines and comments behind it. */
function lastValueEnd(map: YAMLMap, fallback: number): number {
  if (map.flow) return fallback
  const value = map.items.at(-1)?.value
  return isScalar(value) && value.range ? value.range[1] : fallback
}

/** What stands before the dash of the list item whose content begins at `start`. */
function indentAt(text: string, start: number): string {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return /^\s*/.exec(line)?.[0] ?? ''
}

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

const block = (fields: readonly Field[], indent: string): string =>
  fields.map(([key, value], at) => `${indent}${at === 0 ? '- ' : '  '}${key}: ${scalar(value)}`).join('\n')

/** A text as a YAML scalar, in quotes where YAML 1.1 would read something else. */
const scalar = (value: string): string => new Document(value, { version: '1.1' }).toString({ lineWidth: 0 }).trimEnd()
