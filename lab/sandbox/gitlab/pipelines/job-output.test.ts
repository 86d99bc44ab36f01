import { describe, expect, it } from 'vitest'
import { PREAMBLE, readJobLine } from './job-output.ts'

describe('what gitlab-ci-local writes about a job', () => {
  it.each([
    ['test starting shell (test)', undefined],
    [`test $ ${PREAMBLE}`, undefined],
    ['test $ npm test', { type: 'command', text: 'npm test' }],
    ['test > hello', { type: 'output', text: 'hello' }],
    ['test > ', { type: 'output', text: '' }],
    ['test > still running...', undefined],
    [
      'test > ./../run/state/scripts/test_1: line 14: nope: command not found',
      { type: 'output', text: 'bash: line 14: nope: command not found' },
    ],
    ['test finished in 12 ms  FAIL 3 ', { type: 'exit', code: 3 }],
    ['test finished in 12 ms  WARN 1  after_script', undefined],
    ['test finished in 12 ms', undefined],
    ['test Running after script...', { type: 'after-script' }],
    ['Error: something broke', { type: 'other', text: 'Error: something broke' }],
    ['', undefined],
  ])('%j', (line, read) => {
    expect(readJobLine(line, 'test')).toEqual(read)
  })
})
