import { type Document, parseAllDocuments, type ScalarTag, stringify, type YAMLParseError } from 'yaml'

/** Go reads `0644` as octal, YAML 1.2 as decimal. */
const octal: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
}

/** The documents of a stream, as Kubernetes reads YAML. Their `errors` are the reader's to look at. */
export const readDocuments = (text: string): readonly Document[] =>
  [...parseAllDocuments(text, { schema: 'core', merge: true, customTags: (tags) => [octal, ...tags] })].filter(
    (document): document is Document.Parsed => 'contents' in document,
  )

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

/** One document of YAML in block style, keys as they are. */
export const writeDocument = (value: unknown): string =>
  stringify(value, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false })

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
