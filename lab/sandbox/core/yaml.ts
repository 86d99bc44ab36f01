import { type Document, parseAllDocuments, type ScalarTag, stringify, type Tags, type YAMLParseError } from 'yaml'

/**
 * How the YAML parser of Kubernetes' tools (go-yaml 2) reads plain words beyond YAML 1.2: `yes`, `on` and `y` are
 * booleans, `0644` is octal, `0b11` binary, and `1_000` a number. Times stay text.
 */
const TAGS: readonly ScalarTag[] = [
  {
    identify: () => false,
    default: true,
    tag: 'tag:yaml.org,2002:bool',
    test: /^(?:[yYnN]|yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
    resolve: (text) => /^(?:y|yes|on)$/i.test(text),
  },
  {
    identify: () => false,
    default: true,
    tag: 'tag:yaml.org,2002:int',
    test: /^[-+]?(?:0[0-7_]+|0b[01_]+|[1-9][0-9_]*_[0-9_]*)$/,
    resolve(text) {
      const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(text.replaceAll('_', '')) ?? []
      const value = Number(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits)
      return sign === '-' ? -value : value
    },
  },
]

/** Options for the parser that make it read as Kubernetes' tools do; of a key that is there twice the last one counts. */
export const GO_YAML = {
  schema: 'core',
  merge: true,
  uniqueKeys: false,
  logLevel: 'silent',
  customTags: (tags: Tags): Tags => [...TAGS, ...tags],
} as const

/** The documents of a stream, as Kubernetes reads YAML. Their `errors` are the reader's to look at. */
export const readDocuments = (text: string): readonly Document[] =>
  [...parseAllDocuments(text, GO_YAML)].filter((document): document is Document.Parsed => 'contents' in document)

/** A text that is no YAML; the message is go-yaml's. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

/** The value of one document. @throws YamlError */
export function readDocument(text: string): unknown {
  const [document] = readDocuments(text)
  if (document?.errors[0]) throw new YamlError(goYamlError(document.errors))
  return document?.toJS()
}

/** One document of YAML in block style, keys as they are, with quotes where Go would not read a text. */
export const writeDocument = (value: unknown): string =>
  stringify(value, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false, compat: 'yaml-1.1' })

/** What go-yaml says of the errors of a document: `yaml: line 2: mapping values are not allowed in this context`. */
export function goYamlError(errors: readonly YAMLParseError[]): string {
  const [first] = errors
  if (!first) return 'yaml: unknown error'
  // go-yaml notices a key over two lines at its colon, this parser where the key begins.
  const key = errors.find(({ code }) => code === 'MULTILINE_IMPLICIT_KEY')
  const line = key?.linePos?.[1]?.line ?? first.linePos?.[0].line
  const where = line === undefined ? 'yaml: ' : `yaml: line ${line}: `
  return where + (WORDING[first.code] ?? first.message.split(' at line ')[0])
}

const WORDING: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BAD_INDENT: 'did not find expected key',
  MISSING_CHAR: "could not find expected ':'",
  TAB_AS_INDENT: 'found character that cannot start any token',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  UNEXPECTED_TOKEN: 'did not find expected node content',
  BAD_ALIAS: 'unknown anchor referenced',
}
