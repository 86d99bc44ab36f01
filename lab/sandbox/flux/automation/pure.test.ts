import { describe, expect, it } from 'vitest'
import { Change, Changes, ObjectIdentifier } from './changes.ts'
import { commitMessage } from './message.ts'
import { selectorText } from './selector.ts'
import { applySetters, settersOf } from './setters.ts'

const setters = settersOf([
  { namespace: 'flux-system', name: 'nodeapp', latestRef: { name: 'registry.lab.test/root/app', tag: '1.0.2' } },
  { namespace: 'demo', name: 'pinned', latestRef: { name: 'r/app', tag: '1.10', digest: 'sha256:abc' } },
])
const marked = (value: string, marker: string) => `${value} # {"$imagepolicy": "${marker}"}`

describe('setters', () => {
  it.each([
    ['newTag: ', '1.0.1', 'flux-system:nodeapp:tag', '1.0.2'],
    ['newTag:   ', '"1.0.1"', 'flux-system:nodeapp:tag', '"1.0.2"'],
    ['newTag: ', "'1.0.1'", 'flux-system:nodeapp:tag', "'1.0.2'"],
    ['image: ', 'registry.lab.test/root/app:1.0.1', 'flux-system:nodeapp', 'registry.lab.test/root/app:1.0.2'],
    ['newName: ', 'other', 'flux-system:nodeapp:name', 'registry.lab.test/root/app'],
    ['image: ', 'r/app:1', 'demo:pinned', 'r/app:1.10@sha256:abc'],
    ['digest: ', 'x', 'demo:pinned:digest', 'sha256:abc'],
    ['newTag: ', 'old', 'demo:pinned:tag', '"1.10"'],
    ['newTag: ', '1.0.1', 'demo:unknown:tag', '1.0.1'],
  ])('%s%s marked %s becomes %s', (key, old, marker, value) => {
    expect(applySetters(`${key}${marked(old, marker)}\n`, setters)?.text).toBe(`${key}${marked(value, marker)}\n`)
  })

  it('keep everything else to the byte, over several documents', () => {
    const before = [
      '# a comment',
      'apiVersion: apps/v1',
      'kind:   Deployment',
      'metadata: {name: web,   labels: {a: "b"}} # kept',
      'spec:',
      '    containers:',
      '    - name: web',
      `      image: ${marked('registry.lab.test/root/app:1.0.1', 'flux-system:nodeapp')}`,
      '---',
      'kind: Other',
      'text: |',
      '  1.0.1 # {"$imagepolicy": "flux-system:nodeapp:tag"}',
      '',
    ].join('\n')
    const result = applySetters(before, setters)
    expect(result?.text).toBe(before.replace('root/app:1.0.1', 'root/app:1.0.2'))
    expect(result?.changes).toEqual([
      {
        object: new ObjectIdentifier('apps/v1', 'Deployment', 'web', ''),
        changes: [
          new Change('registry.lab.test/root/app:1.0.1', 'registry.lab.test/root/app:1.0.2', 'flux-system:nodeapp'),
        ],
      },
    ])
  })

  it('leave a file alone that does not parse', () => {
    expect(applySetters(`a: [${marked('1', 'flux-system:nodeapp:tag')}\n`, setters)).toBeUndefined()
  })
})

describe('commit messages', () => {
  const changes = new Changes()
  changes.add('deployment.yaml', new ObjectIdentifier('apps/v1', 'Deployment', 'web', 'demo'), [
    new Change('app:1.0.1', 'app:1.0.2', 'flux-system:nodeapp'),
  ])
  const automation = { namespace: 'flux-system', name: 'nodeapp' }
  const message = (template?: string) => commitMessage(template, automation, changes, { cluster: 'lab' })

  it.each([
    [undefined, 'Update from image update automation'],
    ['bump {{ .AutomationObject }}', 'bump flux-system/nodeapp'],
    ['{{ .AutomationObject.Name }} on {{ .Values.cluster | upper }}', 'nodeapp on LAB'],
    [
      '{{ range .Changed.Changes }}{{ .OldValue }} -> {{ .NewValue }}\n{{ end }}{{ range $f, $_ := .Changed.FileChanges }}{{ $f }}\n{{ end }}',
      'app:1.0.1 -> app:1.0.2\ndeployment.yaml\n',
    ],
    [
      [
        'Objects:',
        '{{ range $resource, $changes := .Changed.Objects -}}',
        '- {{ $resource.Kind }} {{ $resource.Name }}',
        '  Changes:',
        '{{- range $_, $change := $changes }}',
        '    - {{ $change.OldValue }} -> {{ $change.NewValue }}',
        '{{ end -}}',
        '{{ end -}}',
      ].join('\n'),
      'Objects:\n- Deployment web\n  Changes:\n    - app:1.0.1 -> app:1.0.2\n',
    ],
    ['{{ if eq (len .Changed.Changes) 1 }}one{{ else if .Values }}some{{ else }}none{{ end }}', 'one'],
    ['{{ with .Values.nothing }}a{{ else }}b{{ end }}{{/* no */}} {{ .Values.nothing }}', 'b <no value>'],
    ['{{ $n := "x" }}{{ range .Changed.Changes }}{{ $n = .NewValue }}{{ end }}{{ $n }}', 'app:1.0.2'],
    ['{{ printf "%s/%d" "a" 2 }} {{ "b" | quote }}', 'a/2 "b"'],
  ])('%j', (template, text) => {
    expect(message(template)).toBe(text)
  })

  it.each([
    [
      '{{ nope }}',
      'unable to create commit message template from spec: template: commit message:1: function "nope" not defined',
    ],
    ['{{ if true }}', 'unexpected EOF'],
    ['{{ .Missing }}', "can't evaluate field Missing in type source.TemplateData"],
    ['{{ .Updated.Files }}', "template uses removed '.Updated' field"],
    ['{{ define "x" }}{{ end }}', '{{define}} is not supported by this sandbox'],
  ])('%j fails: %s', (template, error) => {
    expect(() => message(template)).toThrow(error)
  })
})

it('label selectors are written as the API reads them', () => {
  expect(selectorText(undefined)).toBe('')
  const matchExpressions = [
    { key: 'a', operator: 'In', values: ['1', '2'] },
    { key: 'b', operator: 'DoesNotExist' },
  ]
  expect(selectorText({ matchLabels: { team: 'blue' }, matchExpressions })).toBe('team=blue,a in (1,2),!b')
  expect(() => selectorText({ matchExpressions: [{ key: 'a', operator: 'Is' }] })).toThrow('not a valid')
})
