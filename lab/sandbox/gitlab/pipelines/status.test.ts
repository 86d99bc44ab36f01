import { describe, expect, it } from 'vitest'
import type { JobStatus } from '../entities.ts'
import { statusOf } from './status.ts'

const job = (status: JobStatus, allow_failure = false) => ({ status, allow_failure, exit_code: null })

describe('the status of a pipeline', () => {
  it.each<[JobStatus[], string]>([
    [['created', 'created'], 'created'],
    [['pending', 'created'], 'pending'],
    [['running', 'created'], 'running'],
    [['success', 'created'], 'running'],
    [['success', 'pending'], 'running'],
    [['success', 'success'], 'success'],
    [['success', 'failed'], 'failed'],
    [['failed', 'skipped'], 'failed'],
    [['success', 'canceled'], 'canceled'],
    [['canceled', 'failed'], 'failed'],
    [['skipped', 'skipped'], 'skipped'],
    [['success', 'manual'], 'manual'],
    [['success', 'scheduled', 'created'], 'scheduled'],
  ])('of %j is %s', (statuses, status) => {
    expect(statusOf(statuses.map((each) => job(each)))).toBe(status)
  })

  it('lets a job fail that may fail', () => {
    expect(statusOf([job('success'), job('failed', true)])).toBe('success')
  })

  it('does not wait for a manual job that may be left out', () => {
    expect(statusOf([job('success'), job('manual', true)])).toBe('success')
  })

  it('counts a failure with an allowed exit code as passed', () => {
    const failed = { status: 'failed' as const, allow_failure: { exit_codes: [42] } }
    expect(statusOf([{ ...failed, exit_code: 42 }])).toBe('success')
    expect(statusOf([{ ...failed, exit_code: 1 }])).toBe('failed')
  })
})
