import { describe, expect, it } from 'vitest'
import { readRegistries } from './registries-conf.ts'

const read = (text: string, files: Record<string, string> = {}) => readRegistries(text, (path) => files[path])
const entry = (more: string) => `registries:\n- name: own\n  prefix: r.test\n  api_url: http://r.test\n  ${more}\n`

describe('registries.conf', () => {
  it('is read with all fields, in YAML 1.1', () => {
    expect(
      read(
        entry(
          'credentials: pullsecret:argocd/own\n  credsexpire: 5h\n  defaultns: library\n  limit: 10\n  tagsortmode: Latest-First\n  default: yes\n  insecure: on\n  ping: true',
        ),
      ),
    ).toEqual([
      {
        name: 'own',
        prefix: 'r.test',
        apiUrl: 'http://r.test',
        isDefault: true,
        defaultNamespace: 'library',
        credentials: 'pullsecret:argocd/own',
        credsExpire: 5 * 3_600_000,
        limit: 10,
        tagOrder: 'latest-first',
        refusal: undefined,
      },
    ])
    expect([read(''), read('registries:\n'), read('registries: []')]).toEqual([[], [], []])
  })

  const certificates = 'could not configure CA certificates for registry own:'
  it.each([
    ['[]', 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into registry.RegistryList'],
    ['registry: []', 'line 1: field registry not found in type registry.RegistryList'],
    [
      entry('insecrue: true\n  limit: many'),
      'yaml: unmarshal errors:\n  line 5: field insecrue not found in type registry.RegistryConfiguration\n  line 6: cannot unmarshal !!str `many` into int',
    ],
    [entry('credsexpire: presently'), 'line 5: cannot unmarshal !!str `presently` into time.Duration'],
    [entry('insecure: sometimes and not'), 'cannot unmarshal !!str `sometim...` into bool'],
    [
      'registries:\n- {api_url: http://r.test}',
      'registry name is missing for entry { http://r.test false  0s   false    0 false}',
    ],
    ['registries:\n- {name: a, prefix: a}', 'API URL must be specified for registry a'],
    [
      'registries:\n- {name: a, api_url: http://a}\n- {name: b, api_url: http://b}',
      'there must be only one default registry (already is a), b needs a prefix',
    ],
    [
      'registries:\n- {name: a, prefix: a, api_url: http://a, default: true}\n- {name: b, prefix: b, api_url: http://b, default: true}',
      'cannot set registry b as default - only one default registry allowed, currently set to a',
    ],
    [entry('tagsortmode: newest'), 'unknown tag sort mode for registry own: newest'],
    [entry('ca_data: text'), `${certificates} ca_data does not contain a valid PEM certificate`],
    [entry('ca_file: /ca.pem'), `${certificates} could not read CA file /ca.pem: open /ca.pem: no such file`],
    [entry('ca_file: /text'), `${certificates} CA file /text does not contain a valid PEM certificate`],
  ])('%j does not let the program start', (text, message) => {
    expect(() => read(text, { '/text': 'text' })).toThrow(message)
  })

  it.each([
    ['api_url: https://r.test\n  insecure: true', 'insecure asks for TLS, which no registry within reach speaks'],
    ['api_url: http://r.test/v2', 'api_url http://r.test/v2 has a path'],
    ['api_url: r.test', 'api_url r.test is no http or https URL'],
    ['api_url: http://r.test\n  credentials: ext:/app/auth.sh', 'credentials of a script (ext:) are not supported'],
  ])('%j is told to be of no use here', (fields, why) => {
    const [registry] = read(`registries:\n- name: own\n  prefix: r.test\n  ${fields}\n`)
    expect(registry?.refusal).toContain(`registry own cannot be used in this sandbox: ${why}`)
  })

  it('leaves certificates alone where TLS is not verified, as the real program', () => {
    expect(read(entry('insecure: true\n  ca_data: text'))).toMatchObject([{ refusal: undefined }])
  })
})
