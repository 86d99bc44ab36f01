import { expect, it } from 'vitest'
import type { KubeObject } from '../../types.ts'
import { nextContainers } from './init-containers.ts'

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: {
    restartPolicy: 'Always',
    initContainers: [{ name: 'one' }, { name: 'side', restartPolicy: 'Always' }, { name: 'two' }],
    containers: [{ name: 'main' }],
  },
}
const ended = (name: string, exitCode: number) => ({ name, state: 'Exited' as const, exitCode })
const running = (name: string) => ({ name, state: 'Running' as const })

it.each([
  ['nothing', [], ['one'], 'OnFailure'],
  ['a failed first one', [ended('one', 1)], ['one'], 'OnFailure'],
  ['the first one', [ended('one', 0)], ['side'], 'Always'],
  ['the sidecar', [ended('one', 0), running('side')], ['side', 'two'], 'OnFailure'],
  ['all', [ended('one', 0), running('side'), ended('two', 0)], ['side', 'main'], 'Always'],
  ['the pod, long ago', [running('main')], ['side', 'main'], 'Always'],
])('after %s', (_, statuses, names, restartPolicy) => {
  const { spec } = nextContainers(pod, statuses) as KubeObject & { spec: { containers: { name: string }[] } }
  expect(spec.containers.map(({ name }) => name)).toEqual(names)
  expect(spec['restartPolicy' as never]).toBe(restartPolicy)
})
