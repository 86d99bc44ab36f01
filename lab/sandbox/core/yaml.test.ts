import { describe, expect, it } from 'vitest'
import { readDocument, readDocuments, writeDocument } from './yaml.ts'

describe('YAML', () => {
  it.each([
    ['yes', true],
    ['on', true],
    ['N', false],
    ['off', false],
    ['"yes"', 'yes'],
    ['yep', 'yep'],
    ['0644', 420],
    ['-0644', -420],
    ['0o17', 15],
    ['0x1f', 31],
    ['0b11', 3],
    ['1_000', 1000],
    ['089', 89],
    ['1e3', 1000],
    ['12:30', '12:30'],
    ['2020-01-01', '2020-01-01'],
    ['~', null],
  ])('is read as Go reads it: %s', (text, value) => {
    expect(readDocument(`a: ${text}`)).toEqual({ a: value })
  })

  it('is written so that Go reads the same', () => {
    const value = { a: 'yes', b: '0644', c: ['n', '1_000', 'plain'], d: true }
    expect(readDocument(writeDocument(value))).toEqual(value)
    expect(writeDocument({ a: 'yes', b: 'plain' })).toBe('a: "yes"\nb: plain\n')
  })

  it('has documents, the last of two equal keys, and errors in the words of Go', () => {
    expect(readDocuments('a: 1\n---\nb: 2\nb: 3\n').map((document) => document.toJS())).toEqual([{ a: 1 }, { b: 3 }])
    expect(() => readDocument('a: b: c')).toThrow('yaml: line 1: mapping values are not allowed in this context')
  })
})
