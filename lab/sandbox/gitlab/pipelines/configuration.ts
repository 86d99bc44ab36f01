import { parseDocument } from 'yaml'

/** Keywords of a job that the sandbox cannot honour. A pipeline that uses one is refused instead of half run. */
const UNSUPPORTED_KEYWORDS = [
  'only',
  'except',
  'trigger',
  'secrets',
  'id_tokens',
  'identity',
  'release',
  'run',
  'hooks',
  'inputs',
] as const

const GLOBAL_KEYWORDS = [
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'image',
  'services',
  'before_script',
  'after_script',
  'cache',
  'spec',
  'pages:deploy',
] as const

type Mapping = Readonly<Record<string, unknown>>

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads YAML as GitLab does, `!reference` included, and tells what is wrong with it in GitLab's words. */
export function parseConfiguration(text: string): { readonly value: Mapping } | { readonly error: string } {
  if (text.trim() === '') return { error: 'Please provide content of .gitlab-ci.yml' }
  const reference = { tag: '!reference', collection: 'seq' as const, resolve: (value: unknown) => value }
  const document = parseDocument(text, { merge: true, customTags: [reference] })
  const [problem] = document.errors
  if (problem) {
    const [start] = problem.linePos ?? []
    const what = (problem.message.split(/ at line \d/)[0] as string).replace(/:\s*$/, '')
    return {
      error: `(<unknown>): ${what.charAt(0).toLowerCase()}${what.slice(1)} at line ${start?.line} column ${start?.col}`,
    }
  }
  const value: unknown = document.toJS()
  return isMapping(value) ? { value } : { error: 'Invalid configuration format' }
}

/** Includes that would have to be fetched; only files of the same repository can be. */
export function refuseIncludes(configuration: Mapping): string | undefined {
  const include = configuration['include']
  for (const entry of Array.isArray(include) ? include : include === undefined ? [] : [include]) {
    if (typeof entry === 'string') {
      if (/^https?:/.test(entry)) return `Remote file \`${entry}\` could not be fetched because of a socket error!`
      continue
    }
    if (!isMapping(entry)) return 'Each include must be a hash or a string'
    if ('local' in entry) continue
    if ('remote' in entry) {
      return `Remote file \`${entry['remote']}\` could not be fetched because of a socket error!`
    }
    if ('project' in entry) {
      return `Project \`${entry['project']}\` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.`
    }
    const [kind = 'include'] = Object.keys(entry)
    return `include:${kind} \`${entry[kind]}\` is not available: the sandbox has only files of the same repository (include:local)`
  }
  return undefined
}

/** The jobs of an expanded configuration by name, hidden ones left out. */
export const jobsOf = (configuration: Mapping): [string, Mapping][] =>
  Object.entries(configuration).filter(
    (entry): entry is [string, Mapping] =>
      !entry[0].startsWith('.') && !(GLOBAL_KEYWORDS as readonly string[]).includes(entry[0]) && isMapping(entry[1]),
  )

/** What an expanded configuration asks for that cannot be done here. */
export function refuseJobs(configuration: Mapping): string[] {
  const jobs = jobsOf(configuration)
  if (jobs.length === 0) return ['jobs config should contain at least one visible job']
  return jobs.flatMap(([name, job]) =>
    UNSUPPORTED_KEYWORDS.filter((keyword) => keyword in job).map(
      (keyword) => `jobs:${name} config uses ${keyword}:, which is not supported in this sandbox`,
    ),
  )
}

const WORDING: readonly (readonly [RegExp, string])[] = [
  [/^(.+?) must have script specified$/, 'jobs:$1 config should implement the script:, run:, or trigger: keyword'],
  [/^(.+?) has empty script$/, "jobs:$1:script config can't be blank"],
  [
    /^(.+?) (before_script|after_script|script) contains non string value$/,
    'jobs:$1:$2 config should be a string or a nested array of strings up to 10 levels deep',
  ],
  [
    /^needs: \[(.+?)\] for (.+?) could not be found$/,
    "'$2' job needs '$1' job, but '$1' does not exist in the pipeline. This might be because of the only, except, or rules keywords.",
  ],
  [/^needs: \[(.+?)\] for (.+?) is in a future stage$/, '$2 job: need $1 is not defined in current or prior stages'],
  [/^dependencies: \[(.+?)\] for (.+?) (?:cannot|could not) be found$/, '$2 job: undefined dependency: $1'],
  [/^• '(.+?)' property is not expected to be here at (\S+).*$/, 'jobs:$2 config contains unknown keys: $1'],
  [/^• '(.+?)' property is not expected to be here.*$/, 'root config contains unknown keys: $1'],
  [/^• property '(.+?)' (.+?) at (\S+).*$/, 'jobs:$3 config $2'],
  [/^• (.+?) at (\S+) \[#.*$/, 'jobs:$2 config: $1'],
  [/^• (.+)$/, '$1'],
]

const CHATTER =
  /^(parsing and downloads finished|json schema validated|Using fallback|Unable to retrieve default|Command failed with exit code|Invalid \.gitlab-ci\.yml|For further troubleshooting|fatal: |\s*at .+:\d+|• (Copy the content|Use --))/

/** What gitlab-ci-local said about a configuration that it does not take, as near to GitLab's words as there are any. */
export function errorsFrom(complaint: string, stages: readonly string[]): string[] {
  const lines = complaint
    .replaceAll(/\x1b\[[\d;]*m/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !CHATTER.test(line))
  return lines.map((line) => {
    const stage = /^stage:(.+?) not found for (.+)$/.exec(line)
    if (stage) {
      return `${stage[2]} job: chosen stage ${stage[1]} does not exist; available stages are ${stages.join(', ')}`
    }
    const [pattern, words] = WORDING.find(([candidate]) => candidate.test(line)) ?? []
    return (pattern && words ? line.replace(pattern, words) : line).replace(/^(?:\w*Error|YAMLException): /, '')
  })
}

/** The stages of a configuration in order, with the two that are always there. */
export function stagesOf(configuration: Mapping): string[] {
  const own = configuration['stages']
  const stages = Array.isArray(own) ? own.map(String) : ['build', 'test', 'deploy']
  return ['.pre', ...stages.filter((stage) => stage !== '.pre' && stage !== '.post'), '.post']
}
