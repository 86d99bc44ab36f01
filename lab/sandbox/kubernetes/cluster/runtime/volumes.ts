import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KubeObject } from '../../types.ts'
import type { Objects } from '../objects.ts'
import { podField } from './environment.ts'

/** A volume that cannot be mounted; the message is the one of the FailedMount event. */
export class MountError extends Error {
  override readonly name = 'MountError'
}

type File = { readonly path: string; readonly data: Buffer; readonly mode: number }

// biome-ignore lint/suspicious/noExplicitAny: a Volume of a pod spec, validated by the API server
type Volume = any

export type VolumesOptions = {
  readonly objects: Objects
  /** Where the pods' volumes are kept. */
  readonly directory: string
  /** A token of the pod's service account, for projected volumes. */
  tokenFor(namespace: string, serviceAccount: string): string
}

/** The volumes of pods as folders on this machine: made before the containers start, kept up to date, then removed. */
export class PodVolumes {
  private readonly mounted = new Map<string, KubeObject>()

  constructor(private readonly options: VolumesOptions) {}

  /** Makes the volumes of a pod unless they are there already. @throws MountError */
  mount(pod: KubeObject): void {
    const uid = pod.metadata.uid as string
    if (this.mounted.has(uid)) return
    for (const volume of volumesOf(pod)) this.write(pod, volume)
    this.mounted.set(uid, pod)
  }

  unmount(uid: string): void {
    this.mounted.delete(uid)
    rmSync(join(this.options.directory, uid), { recursive: true, force: true })
  }

  /** The folder of a volume of a pod on this machine. */
  path(uid: string, volume: string): string {
    return join(this.options.directory, uid, volume)
  }

  /** Writes the files of mounted volumes anew that a ConfigMap or Secret is the source of. */
  refresh(plural: 'configmaps' | 'secrets', namespace: string, name: string): void {
    for (const pod of this.mounted.values()) {
      if (pod.metadata.namespace !== namespace) continue
      for (const volume of volumesOf(pod)) {
        if (!usesObject(volume, plural, name)) continue
        try {
          this.write(pod, volume)
        } catch (error) {
          // A source that went away leaves the files as they were.
          if (!(error instanceof MountError)) throw error
        }
      }
    }
  }

  private write(pod: KubeObject, volume: Volume): void {
    const folder = this.path(pod.metadata.uid as string, volume.name)
    const files = this.files(pod, volume)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (files) writeFiles(folder, files)
  }

  /** The files of a volume; undefined for one that starts empty and is the pod's own. */
  private files(pod: KubeObject, volume: Volume): File[] | undefined {
    if (volume.emptyDir) return undefined
    if (volume.configMap || volume.secret || volume.downwardAPI) return this.source(pod, volume, volume)
    if (volume.projected) {
      const { sources = [], defaultMode } = volume.projected
      return sources.flatMap((source: Volume) => this.source(pod, volume, source, defaultMode))
    }
    const type = Object.keys(volume).find((field) => field !== 'name') ?? 'unknown'
    throw new MountError(
      `MountVolume.SetUp failed for volume "${volume.name}" : ${type} volumes are not supported here`,
    )
  }

  private source(pod: KubeObject, volume: Volume, source: Volume, projectedMode?: number): File[] {
    const { namespace = '' } = pod.metadata
    const failed = (why: string) => new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${why}`)
    if (source.serviceAccountToken) {
      const data = Buffer.from(this.options.tokenFor(namespace, pod['spec'].serviceAccountName ?? 'default'))
      return [{ path: source.serviceAccountToken.path, data, mode: 0o644 }]
    }
    if (source.downwardAPI) return downwardFiles(pod, source.downwardAPI, projectedMode)
    const reference = source.configMap ?? source.secret
    if (!reference) throw failed(`${Object.keys(source)[0]} sources are not supported here`)
    const plural = source.configMap ? 'configmaps' : 'secrets'
    const name = reference.name ?? reference.secretName
    const object = this.options.objects.get(plural, namespace, name)
    if (!object && reference.optional) return []
    if (!object) throw failed(`${plural.slice(0, -1)} "${name}" not found`)
    const mode = reference.defaultMode ?? projectedMode ?? 0o644
    const content = contentOf(object)
    if (!reference.items) return [...content].map(([path, data]) => ({ path, data, mode }))
    return reference.items.flatMap((item: { key: string; path: string; mode?: number }) => {
      const data = content.get(item.key)
      if (!data && reference.optional) return []
      if (!data) throw failed(`references non-existent ${plural.slice(0, -1)} key: ${item.key}`)
      return [{ path: item.path, data, mode: item.mode ?? mode }]
    })
  }
}

/** Where a service account's token, its namespace and the API server's certificate are in every container. */
export const SERVICE_ACCOUNT_MOUNT = {
  name: 'kube-api-access',
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  readOnly: true,
} as const

/** The volume that the API server's admission adds to the pods of a real cluster, without showing in the spec here. */
const SERVICE_ACCOUNT_VOLUME: Volume = {
  name: SERVICE_ACCOUNT_MOUNT.name,
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', optional: true } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
}

const volumesOf = (pod: KubeObject): Volume[] =>
  pod['spec'].automountServiceAccountToken === false
    ? (pod['spec'].volumes ?? [])
    : [...(pod['spec'].volumes ?? []), SERVICE_ACCOUNT_VOLUME]

const usesObject = (volume: Volume, plural: 'configmaps' | 'secrets', name: string): boolean =>
  [volume, ...(volume.projected?.sources ?? [])].some((source) =>
    plural === 'configmaps'
      ? source.configMap?.name === name
      : source.secret && (source.secret.name ?? source.secret.secretName) === name,
  )

function contentOf(object: KubeObject): Map<string, Buffer> {
  const encoding = object.kind === 'Secret' ? 'base64' : 'utf8'
  const entries = Object.entries((object['data'] ?? {}) as Record<string, string>)
  const binary = Object.entries((object['binaryData'] ?? {}) as Record<string, string>)
  return new Map([
    ...entries.map(([key, value]) => [key, Buffer.from(value, encoding)] as const),
    ...binary.map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
  ])
}

function downwardFiles(pod: KubeObject, source: Volume, projectedMode?: number): File[] {
  const addresses = { podIp: pod['status']?.podIP ?? '', hostIp: pod['status']?.hostIP ?? '' }
  return (source.items ?? []).map((item: { path: string; mode?: number; fieldRef?: { fieldPath: string } }) => ({
    path: item.path,
    data: Buffer.from(item.fieldRef ? podField(pod, item.fieldRef.fieldPath, addresses) : '0'),
    mode: item.mode ?? source.defaultMode ?? projectedMode ?? 0o644,
  }))
}

/** Makes a folder hold exactly these files. */
function writeFiles(folder: string, files: readonly File[]): void {
  const kept = new Set(files.map(({ path }) => path.split('/')[0] as string))
  for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name), { recursive: true })
  for (const { path, data, mode } of files) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    rmSync(target, { force: true })
    writeFileSync(target, data)
    // Whatever the mode says, the lab itself must be able to replace the file.
    chmodSync(target, (mode & 0o555) | 0o400)
  }
}
