import type { KubeObject } from '../../lab/step.ts'
import { meaningOf } from './answers.ts'
import type { CauseId } from './causes.ts'

type ContainerStatus = {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
  readonly lastState?: { readonly terminated?: { readonly exitCode: number } }
}

const PULL = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName']
const START = ['CrashLoopBackOff', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']

/** Why pods do not get ready, if they say so: their image cannot be pulled, or their program ends. Pure. */
export function podTrouble(
  pods: readonly KubeObject[],
): { readonly found: string; readonly cause: CauseId; readonly pod: string; readonly message: string } | undefined {
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue
    for (const status of (pod['status']?.containerStatuses ?? []) as ContainerStatus[]) {
      const { reason = '', message = '' } = status.state?.waiting ?? {}
      const at = { pod: pod.metadata.name, message }
      if (PULL.includes(reason)) {
        return { ...at, found: `${pod.metadata.name} is in ${reason}: ${message}`, cause: pullCause(message) }
      }
      if (START.includes(reason)) {
        const code = status.lastState?.terminated?.exitCode
        const ended = code === undefined ? message : `its program ended with exit code ${code}`
        return { ...at, found: `${pod.metadata.name} is in ${reason}: ${ended}`, cause: 'app-crashes' }
      }
    }
  }
  return undefined
}

function pullCause(message: string): CauseId {
  if (/denied|unauthorized|failed to authorize|failed to fetch oauth token|no basic auth/i.test(message))
    return 'private-project'
  const known = meaningOf(message)?.cause
  return known === 'rate-limit' || known === 'no-network' || known === 'clock-skew' ? known : 'image-missing'
}
