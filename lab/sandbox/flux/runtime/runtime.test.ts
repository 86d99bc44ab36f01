import { describe, expect, it } from 'vitest'
import { setCondition } from './conditions.ts'
import { FlagError, parseFlags } from './flags.ts'
import { refusalOf } from './unsupported.ts'
import { latestTag } from './versions.ts'

const at = (second: number) => `2026-01-01T00:00:0${second}Z`
const condition = (type: string, message = '', status: 'True' | 'False' = 'True') => ({
  type,
  status,
  reason: 'Because',
  message,
})

describe('conditions', () => {
  it('come in Flux’s order: Stalled, Reconciling, Ready, then newer generations, then by name', () => {
    let conditions = setCondition([], condition('ArtifactInStorage'), 1, at(1))
    for (const type of ['FetchFailed', 'Ready', 'Reconciling']) {
      conditions = setCondition(conditions, condition(type), 2, at(2))
    }
    expect(conditions.map(({ type }) => type)).toEqual(['Reconciling', 'Ready', 'FetchFailed', 'ArtifactInStorage'])
    conditions = setCondition(conditions, condition('ArtifactInStorage'), 2, at(3))
    expect(conditions.map(({ type }) => type)).toEqual(['Reconciling', 'Ready', 'ArtifactInStorage', 'FetchFailed'])
  })

  it('move their transition time with status, reason and message, not with the generation', () => {
    const first = setCondition([], condition('Ready', 'one'), 1, at(1))
    const same = setCondition(first, condition('Ready', 'one'), 2, at(2))
    expect(same[0]).toMatchObject({ lastTransitionTime: at(1), observedGeneration: 2 })
    expect(setCondition(same, condition('Ready', 'two'), 2, at(3))[0]?.lastTransitionTime).toBe(at(3))
  })
})

describe('ranges', () => {
  const tags = ['1.0.0', '1.1.0', '1.2.0-rc.1', '1.3.0', 'v2.0.0', 'latest', '1.4', 'main-7-abc']
  it.each([
    ['1.x', '1.3.0'],
    ['~1.0', '1.0.0'],
    ['>=1.0.0', 'v2.0.0'],
    ['>=1.0.0, <1.2.0', '1.1.0'],
    ['>=1.2.0-0 <1.3.0', '1.2.0-rc.1'],
    ['>=1.0.0 !=2.0.0', '1.3.0'],
    ['^1.1 || ~0.9', '1.3.0'],
    ['>= 1.0', 'v2.0.0'],
    ['>=9', undefined],
  ])('%s chooses %s', (range, latest) => {
    expect(latestTag(tags, range)).toBe(latest)
  })
})

describe('flags', () => {
  it('are read in both spellings, with names of the environment', () => {
    const env = new Map([['RUNTIME_NAMESPACE', 'flux-system']])
    const argv = ['source-controller', '--concurrent', '2', '--storage-adv-addr=src.$(RUNTIME_NAMESPACE).svc']
    expect(parseFlags(argv, env)).toMatchObject({ concurrent: 2, storageAdvAddr: 'src.flux-system.svc' })
  })

  it('are refused when they are not known, and noted when they make no difference', () => {
    expect(() => parseFlags(['--no-remote-bases=true'], new Map())).toThrow(FlagError)
    expect(parseFlags(['--enable-leader-election'], new Map()).notes).toEqual([
      'leader election is not emulated: this instance leads',
    ])
  })
})

describe('fields that are not implemented', () => {
  it('are all named', () => {
    const fields = ['verify', { path: 'provider', unless: (value: unknown) => value === 'generic' }, 'suspend']
    expect(refusalOf('source-controller', { verify: {}, provider: 'aws', suspend: false }, fields)).toBe(
      'spec.verify, spec.provider are not supported by the source-controller of this sandbox; remove these fields',
    )
    expect(refusalOf('source-controller', { provider: 'generic' }, fields)).toBeUndefined()
  })
})
