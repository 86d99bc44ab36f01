import type { Json } from '../normalize.ts'
import { ageColumn, count, flag, nameColumn, type Printer, printer, text, wide } from './columns.ts'
import { ageOf, orNone } from './values.ts'

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

const modesText = (modes: readonly string[] | undefined): string =>
  Object.keys(MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => MODES[mode])
    .join(',')

const LEGACY_CLASS = 'volume.beta.kubernetes.io/storage-class'
const classOf = ({ metadata, spec }: Json): string =>
  metadata.annotations?.[LEGACY_CLASS] ?? spec.storageClassName ?? ''

const claim = printer(
  () => [
    nameColumn(),
    text('Status', 'V1PersistentVolumeClaimStatus.phase'),
    text('Volume', 'V1PersistentVolumeClaimSpec.volumeName'),
    text('Capacity', 'V1PersistentVolumeClaimStatus.capacity'),
    text('Access Modes', 'V1PersistentVolumeClaimStatus.accessModes'),
    text('StorageClass', 'V1PersistentVolumeClaimSpec.storageClassName'),
    text('VolumeAttributesClass', 'V1PersistentVolumeClaimSpec.volumeAttributesClassName'),
    ageColumn(),
    wide('VolumeMode', 'V1PersistentVolumeClaimSpec.volumeMode'),
  ],
  (object, now) => {
    const { metadata, spec, status = {} } = object
    const bound = Boolean(spec.volumeName)
    return [
      metadata.name,
      metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
      spec.volumeName ?? '',
      bound ? (status.capacity?.storage ?? '0') : '',
      bound ? modesText(status.accessModes) : '',
      classOf(object),
      spec.volumeAttributesClassName ?? '<unset>',
      ageOf(object, now),
      spec.volumeMode ?? '<unset>',
    ]
  },
)

const volume = printer(
  () => [
    nameColumn(),
    text('Capacity', 'V1PersistentVolumeSpec.capacity'),
    text('Access Modes', 'V1PersistentVolumeSpec.accessModes'),
    text('Reclaim Policy', 'V1PersistentVolumeSpec.persistentVolumeReclaimPolicy'),
    text('Status', 'V1PersistentVolumeStatus.phase'),
    text('Claim', 'V1PersistentVolumeSpec.claimRef'),
    text('StorageClass', 'V1PersistentVolumeSpec.storageClassName'),
    text('VolumeAttributesClass', 'V1PersistentVolumeSpec.volumeAttributesClassName'),
    text('Reason', 'V1PersistentVolumeStatus.reason'),
    ageColumn(),
    wide('VolumeMode', 'V1PersistentVolumeSpec.volumeMode'),
  ],
  (object, now) => {
    const { metadata, spec, status = {} } = object
    const owner = spec.claimRef
    return [
      metadata.name,
      spec.capacity?.storage ?? '0',
      modesText(spec.accessModes),
      spec.persistentVolumeReclaimPolicy,
      metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
      owner ? `${owner.namespace}/${owner.name}` : '',
      classOf(object),
      spec.volumeAttributesClassName ?? '<unset>',
      status.reason ?? '',
      ageOf(object, now),
      spec.volumeMode ?? '<unset>',
    ]
  },
)

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'

const storageClass = printer(
  () => [
    nameColumn(),
    text('Provisioner', 'V1StorageClass.provisioner'),
    text('ReclaimPolicy', 'V1StorageClass.reclaimPolicy'),
    text('VolumeBindingMode', 'V1StorageClass.volumeBindingMode'),
    text('AllowVolumeExpansion', 'V1StorageClass.allowVolumeExpansion'),
    ageColumn(),
  ],
  (object, now) => {
    const mark = object.metadata.annotations?.[DEFAULT_CLASS] === 'true' ? ' (default)' : ''
    return [
      `${object.metadata.name}${mark}`,
      object.provisioner,
      object.reclaimPolicy ?? 'Delete',
      object.volumeBindingMode ?? 'Immediate',
      object.allowVolumeExpansion ?? false,
      ageOf(object, now),
    ]
  },
)

const csiDriver = printer(
  () => [
    nameColumn(),
    flag('AttachRequired', 'V1CSIDriverSpec.attachRequired'),
    flag('PodInfoOnMount', 'V1CSIDriverSpec.podInfoOnMount'),
    flag('StorageCapacity', 'V1CSIDriverSpec.storageCapacity'),
    text('TokenRequests', 'V1CSIDriverSpec.tokenRequests'),
    flag('RequiresRepublish', 'V1CSIDriverSpec.requiresRepublish'),
    text('Modes', 'V1CSIDriverSpec.volumeLifecycleModes'),
    ageColumn(),
  ],
  (object, now) => {
    const { metadata, spec } = object
    const audiences = (spec.tokenRequests ?? []).map(({ audience }: Json) => audience)
    return [
      metadata.name,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      audiences.length > 0 ? audiences.join(',') : '<unset>',
      spec.requiresRepublish ?? false,
      orNone((spec.volumeLifecycleModes ?? []).join(',')),
      ageOf(object, now),
    ]
  },
)

const csiNode = printer(
  () => [nameColumn(), count('Drivers', 'V1CSINodeSpec.drivers'), ageColumn()],
  (object, now) => [object.metadata.name, object.spec.drivers?.length ?? 0, ageOf(object, now)],
)

const attachment = printer(
  () => [
    nameColumn(),
    text('Attacher', 'V1VolumeAttachmentSpec.attacher'),
    text('PV', 'V1VolumeAttachmentSource.persistentVolumeName'),
    text('Node', 'V1VolumeAttachmentSpec.nodeName'),
    flag('Attached', 'V1VolumeAttachmentStatus.attached'),
    ageColumn(),
  ],
  (object, now) => [
    object.metadata.name,
    object.spec.attacher,
    object.spec.source?.persistentVolumeName ?? '',
    object.spec.nodeName,
    object.status?.attached ?? false,
    ageOf(object, now),
  ],
)

export const storagePrinters: Readonly<Record<string, Printer>> = {
  '/PersistentVolumeClaim': claim,
  '/PersistentVolume': volume,
  'storage.k8s.io/StorageClass': storageClass,
  'storage.k8s.io/CSIDriver': csiDriver,
  'storage.k8s.io/CSINode': csiNode,
  'storage.k8s.io/VolumeAttachment': attachment,
}
