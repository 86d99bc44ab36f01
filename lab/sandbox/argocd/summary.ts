import type { KubeObject } from '../core/kube-client.ts'
import { groupOf } from '../core/kube-objects.ts'
import type { Summary } from './application.ts'

type Container = { image?: string }

/** The images of an object's containers, as written in its pod template. */
export function imagesOf(object: KubeObject): string[] {
  const spec = object['spec'] ?? {}
  const templates = [spec, spec.template?.spec, spec.jobTemplate?.spec?.template?.spec]
  return templates.flatMap((template) =>
    Array.isArray(template?.containers)
      ? template.containers.flatMap(({ image }: Container) => (image ? [image] : []))
      : [],
  )
}

/** URLs under which an Ingress serves. */
export function externalUrls(object: KubeObject): string[] {
  if (object.kind !== 'Ingress' || groupOf(object) !== 'networking.k8s.io') return []
  const { rules = [], tls = [] } = object['spec'] ?? {}
  const secure: string[] = tls.flatMap((entry: { hosts?: string[] }) => entry.hosts ?? [])
  const addresses: { hostname?: string; ip?: string }[] = object['status']?.loadBalancer?.ingress ?? []
  return rules.flatMap((rule: { host?: string; http?: { paths?: { path?: string }[] } }) => {
    const hosts = rule.host ? [rule.host] : addresses.flatMap(({ hostname, ip }) => hostname ?? ip ?? [])
    const paths = rule.http?.paths?.map(({ path }) => (path ?? '/').replace(/\*$/, '')) ?? ['/']
    return hosts.flatMap((host) =>
      paths.map(
        (path) => `${secure.includes(host) ? 'https' : 'http'}://${host}${path.startsWith('/') ? path : `/${path}`}`,
      ),
    )
  })
}

/** What `status.summary` says of everything that an Application made, pods included. */
export function summarize(objects: Iterable<KubeObject>): Summary {
  const images = new Set<string>()
  const urls = new Set<string>()
  let isAppOfApps = false
  for (const object of objects) {
    if (object.kind === 'Pod') for (const image of podImages(object)) images.add(image)
    for (const url of externalUrls(object)) urls.add(url)
    if (object.kind === 'Application' && groupOf(object) === 'argoproj.io') isAppOfApps = true
  }
  return {
    ...(images.size > 0 ? { images: [...images].sort() } : {}),
    ...(urls.size > 0 ? { externalURLs: [...urls].sort() } : {}),
    ...(isAppOfApps ? { isAppOfApps } : {}),
  }
}

const podImages = (pod: KubeObject): string[] =>
  [...(pod['spec']?.initContainers ?? []), ...(pod['spec']?.containers ?? [])].flatMap(({ image }: Container) =>
    image ? [image] : [],
  )
