import { describe, expect, it } from 'vitest'
import { compareVersions, latestVersion, parseConstraint, parseVersion, type Version } from './semver.ts'

const version = (text: string) => parseVersion(text) as Version

describe('constraints', () => {
  it.each<[string, string[], string[]]>([
    ['~1.0', ['1.0.0', '1.0.10', 'v1.0.2'], ['1.1.0', '0.9.9', '2.0.0', '1.0.2-rc.1']],
    ['1.x', ['1.0.0', '1.9.9'], ['2.0.0', '0.1.0']],
    ['1.0.x', ['1.0.0', '1.0.7'], ['1.1.0']],
    ['1', ['1.2.3'], ['2.0.0']],
    ['1.0.0', ['1.0.0', 'v1.0.0'], ['1.0.1']],
    ['^1.1', ['1.1.0', 'v1.1.5', '1.9.0'], ['1.0.9', '2.0.0']],
    ['^0.2.3', ['0.2.3', '0.2.9'], ['0.3.0', '0.2.2']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['~1.2-0', ['1.2.0-rc.1', '1.2.0', '1.2.9'], ['1.1.0', '2.0.0', '1.3.0']],
    ['>=1.2 <2', ['1.2.0', '1.9.9'], ['2.0.0', '1.1.9']],
    ['>= 1.2, < 1.4', ['1.3.0'], ['1.4.0']],
    ['>1', ['2.0.0'], ['1.9.0']],
    ['<=1.2', ['1.2.9', '0.1.0'], ['1.3.0']],
    ['!=1.2.3', ['1.2.4'], ['1.2.3']],
    ['1.2 - 1.4', ['1.2.0', '1.4.9'], ['1.5.0']],
    ['~1.0 || ~3.0', ['1.0.1', '3.0.1'], ['2.0.0']],
    ['*', ['0.0.1', '20260101'], ['1.0.0-rc.1']],
    ['>=1.0.0 <1.3.0-0', ['1.2.0-rc.1', '1.2.9'], ['1.3.0']],
    ['>1.1', ['1.2.0'], ['1.1.9']],
    ['!=1.2', ['1.3.0'], ['1.2.7']],
    ['^*', ['0.0.0'], ['1.0.0']],
  ])('%s', (text, yes, no) => {
    const constraint = parseConstraint(text)
    expect(yes.filter((tag) => !constraint(version(tag)))).toEqual([])
    expect(no.filter((tag) => constraint(version(tag)))).toEqual([])
  })

  it.each<[string, string]>([
    ['>>1', 'improper constraint: ">>1"'],
    ['1.x || one', 'improper constraint: " one"'],
    ['>=1.2<2', 'improper constraint: ">=1.2<2"'],
    ['', 'improper constraint: ""'],
    ['1|2', 'constraint parser error'],
  ])('refuses %j', (text, message) => {
    expect(() => parseConstraint(text)).toThrow(message)
  })
})

describe('versions', () => {
  it('are ordered with their pre-releases', () => {
    const tags = ['1.0.10', '1.0.9', '1.0.9-rc.2', '1.0.9-rc.10', '1.0.9-alpha', '1.0.9-1', '20260101', 'v1.1']
    const sorted = tags
      .map((tag) => ({ tag, version: version(tag) }))
      .sort((a, b) => compareVersions(a.version, b.version))
    expect(sorted.map(({ tag }) => tag)).toEqual([
      '1.0.9-1',
      '1.0.9-alpha',
      '1.0.9-rc.2',
      '1.0.9-rc.10',
      '1.0.9',
      '1.0.10',
      'v1.1',
      '20260101',
    ])
  })

  it('are not everything', () => {
    const texts = ['latest', '1.x', '', 'build-1', '1.2.3.4', '1.0.0-01', '18446744073709551616']
    expect(texts.filter(parseVersion)).toEqual([])
  })

  it('are told apart beyond the safe integers of JavaScript', () => {
    expect(latestVersion(['20260101000000002', '20260101000000003', '1.0.0'], () => true)).toBe('20260101000000003')
  })

  it('that are equal leave the first one', () => {
    expect(latestVersion(['1.0.0', '2.0', 'v2.0.0', '2.0.0+b', 'latest'], () => true)).toBe('2.0')
  })
})
