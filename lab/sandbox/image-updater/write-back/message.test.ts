import { describe, expect, it } from 'vitest'
import { type Change, commitMessages } from './message.ts'

const changes: readonly Change[] = [
  { alias: 'a', fullName: 'r.test/a', name: 'a', oldVersion: '1.0.0', newVersion: '1.0.1', labels: { team: 'one' } },
  { alias: 'b', fullName: 'r.test/b', name: 'b', oldVersion: '2', newVersion: '3', labels: {} },
]

describe('commit messages', () => {
  it.each([
    [
      undefined,
      "build: automatic update of web\n\nupdates image a tag '1.0.0' to '1.0.1'\nupdates image b tag '2' to '3'\n",
    ],
    ['bump {{ .AppName }}', 'bump web'],
    [
      '{{ range $i, $c := .AppChanges }}{{ if $i }}, {{ end }}{{ $c.Image }}{{ with index $c.Labels "team" }} of {{ . }}{{ end }}{{ end }}',
      'a of one, b',
    ],
    ['{{ len .AppChanges | printf "%d images" }}', '2 images'],
  ])('by template %j', (template, message) => {
    expect(commitMessages(template)('web', changes)).toBe(message)
  })

  it('are refused by a template that cannot be read, or asks for what there is not', () => {
    expect(() => commitMessages('{{ .AppName')).toThrow('template: commitMessage:1: unclosed action')
    expect(() => commitMessages('{{ upper .AppName }}')).toThrow('function "upper" not defined')
    expect(() => commitMessages('{{ .Name }}')('web', changes)).toThrow(
      `at <.Name>: can't evaluate field Name in type argocd.commitMessageTemplate`,
    )
  })
})
