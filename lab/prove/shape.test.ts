import { expect, it } from 'vitest'
import { differenceOf } from './shape.ts'

it.each([
  ['', ''],
  ['a\nb', 'a\nb\n\n'],
  ['NAME  AGE\nweb-7b8b797598-hbbg6   2s', 'NAME                 AGE\nweb-59864f4bdd-t2fkq   1m5s\n'],
  ['[main 76c54e5] Add', '[main 1f31346] Add'],
  ['uid 1a33ea9b-ff09-4b61-bd52-d2de81f62cd6', 'uid ef754633-69ce-4140-a072-ec9c03f7932a'],
  ['Date: Mon Nov 23 19:50:30 2026 +0000', 'Date: Tue Dec 1 01:02:03 2026 +0100'],
  ['git version 2.43.0', 'git version 2.50'],
  ['To http://…/app.git', 'To http://127.0.0.1:8929/learner/app.git'],
  ['a\n…', 'a'],
  ['a\n…', 'a\nb\nc'],
  ['…\nc', 'a\nb\nc'],
  ['a\n…\nc\n…\ne', 'a\nb\nc\nd\ne'],
  ['…\nok', '\u001b[32mgone\u001b[0m\r\u001b[32mok\u001b[0m'],
])('%j has the shape of %j', (expected, printed) => expect(differenceOf(expected, printed)).toBeUndefined())

it.each([
  ['HTTP 201', 'HTTP 400', { line: 0, expected: 'HTTP 201', found: 'HTTP 400' }],
  ['a\nb', 'a\nc', { line: 1, expected: 'b', found: 'c' }],
  ['a', 'a\nb', { line: 1, expected: 'nothing more', found: 'b' }],
  ['a\nb', 'a', { line: 1, expected: 'b', found: undefined }],
  ['…\nd', 'a\nb\nc', { line: 1, expected: 'd', found: 'c' }],
  ['a\n…\nx\n…\nc', 'a\nb\nc', { line: 2, expected: 'x', found: undefined }],
  ['a\n…\nb\nx\n…', 'a\nb\nc', { line: 3, expected: 'x', found: 'c' }],
  ['a…c', 'a\nc', { line: 0, expected: 'a…c', found: 'a' }],
  ['pod-a 1s', 'pod-b 1s', { line: 0, expected: 'pod-a 1s', found: 'pod-b 1s' }],
])('%j has not the shape of %j', (expected, printed, difference) =>
  expect(differenceOf(expected, printed)).toEqual(difference),
)
