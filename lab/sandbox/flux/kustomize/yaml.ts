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

/** The value of one document. @throws YAMLParseError */
export function readDocument(text: string): unknown {
  const [document] = readDocuments(text)
  if (document?.errors[0]) throw document.errors[0]
  return document?.toJS()
}

/** One document of YAML in block style, keys as they are. */
export const writeDocument = (value: unknown): string =>
  stringify(value, { lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false })

/** What go-yaml says of an error: `yaml: line 2: mapping values are not allowed in this context`. */
export function goYamlError(error: YAMLParseError): string {
  const line = error.linePos?.[0].line
  const where = line === undefined ? 'yaml: ' : `yaml: line ${line}: `
  return where + (WORDING[error.code] ?? error.message.split(' at line ')[0])
}

const WORDING: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BAD_INDENT: 'did not find expected key',
  MISSING_CHAR: 'could not find expected character',
  TAB_AS_INDENT: 'found character that cannot start any token',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  UNEXPECTED_TOKEN: 'did not find expected node content',
  BAD_ALIAS: 'unknown anchor referenced',
}
