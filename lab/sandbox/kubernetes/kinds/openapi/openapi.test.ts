import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { closeServer, listenOnLoopback } from '../../../core/http.ts'
import type { KubeObject, Resource } from '../../types.ts'
import {
  builtInResources,
  customResource,
  openapiDocument,
  openapiIndex,
  openapiV2Document,
  openapiV2Protobuf,
} from '../index.ts'
import type { Json } from '../normalize.ts'

const has = (program: string): boolean => spawnSync(program, ['version', '--client'], { stdio: 'ignore' }).status === 0

const widget = customResource({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', description: 'How big it is.' } } },
            },
          },
        },
      },
    ],
  },
} as KubeObject)
const all: readonly Resource[] = [...builtInResources, ...widget]

describe('openapi', () => {
  it('lists a document for every group and version, and all references in them lead somewhere', () => {
    const { paths } = openapiIndex(all) as Json
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['api/v1', 'apis', 'apis/apps/v1', 'apis/example.com/v1', 'version']),
    )
    for (const name of Object.keys(paths)) {
      const document = openapiDocument(name, all) as Json
      const names = new Set(Object.keys(document.components.schemas))
      const used = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
        (match) => match[1] as string,
      )
      expect(
        used.filter((one) => !names.has(one)),
        name,
      ).toEqual([])
    }
    expect(openapiDocument('apis/nothing/v1', all)).toBeUndefined()
  })

  it('tells kubectl how lists merge and what a server can do', () => {
    const document = openapiDocument('apps/v1', all) as Json
    const { post } = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments']
    expect(post).toMatchObject({ operationId: 'createAppsV1NamespacedDeployment', 'x-kubernetes-action': 'post' })
    expect(Object.keys(post.responses)).toEqual(['200', '201', '202', '401'])
    const { patch } = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']
    expect(patch.parameters.map(({ name }: Json) => name)).toEqual(
      expect.arrayContaining(['dryRun', 'fieldValidation']),
    )
    expect(document.components.schemas['io.k8s.api.core.v1.PodSpec'].properties.containers).toMatchObject({
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    })
  })

  it('offers strategic merge patches for built-in kinds alone', () => {
    const typesOf = (groupVersion: string, plural: string) => {
      const { paths } = openapiDocument(groupVersion, all) as Json
      const { patch } = paths[`/${groupVersion}/namespaces/{namespace}/${plural}/{name}`]
      return Object.keys(patch.requestBody.content)
    }
    const shared = ['apply-patch+yaml', 'json-patch+json', 'merge-patch+json'].map((one) => `application/${one}`)
    expect(typesOf('apis/example.com/v1', 'widgets')).toEqual(shared)
    expect(typesOf('apis/apps/v1', 'deployments')).toEqual([...shared, 'application/strategic-merge-patch+json'])
  })

  it('changes its hash with the schema, and nothing else', () => {
    const hashOf = (resources: readonly Resource[]) =>
      (openapiIndex(resources) as Json).paths['apis/example.com/v1'].serverRelativeURL
    const [first] = widget as [Resource]
    const custom = { ...(first.custom as NonNullable<Resource['custom']>), schema: { type: 'object' } }
    expect(hashOf(all)).toBe(hashOf([...all]))
    expect(hashOf(all)).not.toBe(hashOf([...builtInResources, { ...first, custom }]))
  })

  it('has version 2 for older clients', () => {
    const { swagger, definitions } = openapiV2Document(builtInResources) as Json
    expect(swagger).toBe('2.0')
    const { description: _, ...containers } = definitions['io.k8s.api.core.v1.PodSpec'].properties.containers
    expect(containers).toEqual({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(openapiV2Protobuf().toString('latin1')).toContain('Kubernetes')
  })

  it.skipIf(!has('kubectl'))('is what kubectl explain reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      const answer = (body: unknown, type = 'application/json') =>
        response.setHeader('content-type', type).end(JSON.stringify(body))
      const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
      if (pathname === '/version') answer({ major: '1', minor: '36', gitVersion: 'v1.36.2' })
      else if (pathname === '/api' || pathname === '/apis') answer(discovery(pathname === '/api'), type)
      else if (pathname === '/openapi/v3') answer(openapiIndex(all))
      else answer(openapiDocument(pathname.slice('/openapi/v3/'.length), all))
    })
    try {
      const port = await listenOnLoopback(server)
      const config = join(folder, 'config')
      const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }
      const context = { name: 'c', context: { cluster: 'c', user: 'u' } }
      writeFileSync(
        config,
        JSON.stringify({
          clusters: [cluster],
          contexts: [context],
          users: [{ name: 'u', user: {} }],
          'current-context': 'c',
        }),
      )
      const explain = async (path: string) => {
        const env = { ...process.env, KUBECONFIG: config, KUBECACHEDIR: join(folder, 'cache') }
        return (await promisify(execFile)('kubectl', ['explain', path], { env })).stdout
      }
      expect(await explain('deploy.spec.strategy')).toMatch(
        /FIELD: strategy <DeploymentStrategy>[\s\S]*enum: Recreate, RollingUpdate/,
      )
      expect(await explain('widget.spec.size')).toMatch(
        /GROUP: +example.com[\s\S]*FIELD: size <integer>[\s\S]*How big it is./,
      )
    } finally {
      await closeServer(server)
      rmSync(folder, { recursive: true })
    }
  })
})

/** Aggregated discovery of all resources, without subresources. */
function discovery(core: boolean): unknown {
  const resources = all.filter(({ group }) => (group === '') === core)
  const items = [...new Set(resources.map(({ group }) => group))].map((group) => {
    const versions = [...new Set(resources.filter((one) => one.group === group).map(({ version }) => version))]
    return {
      metadata: core ? {} : { name: group },
      versions: versions.map((version) => ({
        version,
        resources: resources
          .filter((one) => one.group === group && one.version === version)
          .map(({ plural, kind, singular, namespaced, verbs, shortNames }) => ({
            resource: plural,
            responseKind: { group, version, kind },
            scope: namespaced ? 'Namespaced' : 'Cluster',
            singularResource: singular,
            verbs,
            shortNames,
          })),
      })),
    }
  })
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}
