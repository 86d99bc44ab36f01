import type { CommonUpdateSettings, WriteBackConfig } from '../resources.ts'
import { fullName, parseImage, type WantedImage } from './image.ts'

const PREFIX = 'argocd-image-updater.argoproj.io/'
type Annotations = Readonly<Record<string, string>>

/** What the annotations of an Application want; undefined without an image list. @throws Error for a wrong value */
export function annotatedImages(annotations: Annotations): readonly WantedImage[] | undefined {
  const list = annotations[`${PREFIX}image-list`]?.trim()
  if (!list) return undefined
  return list.split(',').map((entry) => {
    const [left = '', right] = entry.trim().split('=')
    const image = parseImage(right ?? left)
    const alias = right === undefined ? fullName(image).replaceAll('/', '_') : left
    const own = (name: string) => annotations[`${PREFIX}${alias}.${name}`]
    const kustomize = own('kustomize.image-name')
    const helm = ['helm.image-name', 'helm.image-tag', 'helm.image-spec'].find((name) => own(name) !== undefined)
    return {
      alias,
      image,
      kustomizeName: kustomize ? parseImage(kustomize) : undefined,
      settings: settingsOf((name) => own(name) ?? annotations[`${PREFIX}${name}`]),
      unsupported: helm,
    }
  })
}

function settingsOf(value: (name: string) => string | undefined): CommonUpdateSettings {
  const force = value('force-update')
  if (force !== undefined && !/^(1|t|true|0|f|false)$/i.test(force)) {
    throw new Error(`Cannot parse force-update annotation value "${force}": invalid syntax`)
  }
  const list = (name: string) =>
    value(name)
      ?.split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  return {
    updateStrategy: value('update-strategy')?.trim(),
    forceUpdate: force !== undefined && /^(1|t|true)$/i.test(force),
    allowTags: value('allow-tags')?.trim(),
    ignoreTags: list('ignore-tags'),
    pullSecret: value('pull-secret')?.trim(),
    platforms: list('platforms'),
  }
}

export const annotatedWriteBack = (annotations: Annotations): WriteBackConfig => ({
  method: annotations[`${PREFIX}write-back-method`]?.trim(),
  gitConfig: {
    repository: annotations[`${PREFIX}git-repository`],
    branch: annotations[`${PREFIX}git-branch`],
    writeBackTarget: annotations[`${PREFIX}write-back-target`]?.trim(),
  },
})
