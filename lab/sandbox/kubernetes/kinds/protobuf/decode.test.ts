import protobuf from 'protobufjs/minimal.js'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../types.ts'
import { applyDefaults, bodyKinds, builtInResources, decodeObject, decodeProtobuf } from '../index.ts'
import bodies from './kubectl-bodies.generated.json' with { type: 'json' }

/** What kubectl sent for a command, in base64, and what it prints for the same with `--dry-run=client -o json`. */
type Sample = { readonly command: string; readonly body: string; readonly json?: KubeObject }
const samples = bodies as unknown as readonly Sample[]

const stored = (value: unknown): KubeObject => {
  const { apiVersion, kind } = value as KubeObject
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const all = [...builtInResources, ...Object.values(bodyKinds)]
  const resource = all.find((one) => one.group === group && one.version === version && one.kind === kind)
  if (!resource) throw new Error(`no resource for ${apiVersion} ${kind}`)
  const object = applyDefaults(resource, decodeObject(resource, value, 'Strict').object)
  // The client fills its namespace in when it prints, and in the path when it sends.
  delete object.metadata.namespace
  return object
}

describe('decodeProtobuf', () => {
  it.each(samples)('reads what kubectl sends: $command', ({ body, json }) => {
    const object = stored(decodeProtobuf(Buffer.from(body, 'base64')))
    if (json) expect(object).toEqual(stored(json))
  })

  it('keeps the zero of a pointer', () => {
    const zero = samples.find(({ command }) => command.includes('--replicas=0')) as Sample
    const object = decodeProtobuf(Buffer.from(zero.body, 'base64')) as KubeObject
    expect(object['spec'].replicas).toBe(0)
    expect(object.metadata).not.toHaveProperty('generateName')
  })

  const envelope = (apiVersion: string, kind: string, raw: Uint8Array): Buffer => {
    const writer = protobuf.Writer.create()
    writer.uint32(10).fork().uint32(10).string(apiVersion).uint32(18).string(kind).ldelim()
    writer.uint32(18).bytes(raw)
    return Buffer.concat([Buffer.from('k8s\0'), writer.finish()])
  }

  it('skips field numbers that it does not know', () => {
    const raw = protobuf.Writer.create()
      .uint32(10)
      .fork()
      .uint32(10)
      .string('c')
      .ldelim()
      .uint32((99 << 3) | 0)
      .uint32(7)
      .finish()
    expect(decodeProtobuf(envelope('v1', 'ConfigMap', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
    })
  })

  it('reads DeleteOptions in any group, and times', () => {
    const raw = protobuf.Writer.create().uint32(8).int64(0).uint32(34).string('Foreground').finish()
    expect(decodeProtobuf(envelope('apps/v1', 'DeleteOptions', raw))).toMatchObject({
      gracePeriodSeconds: 0,
      propagationPolicy: 'Foreground',
    })
    const time = protobuf.Writer.create().uint32(8).int64(1767225600).uint32(16).int32(5000).finish()
    const lease = protobuf.Writer.create().uint32(18).fork().uint32(34).bytes(time).ldelim().finish()
    expect(decodeProtobuf(envelope('coordination.k8s.io/v1', 'Lease', lease))).toMatchObject({
      spec: { renewTime: '2026-01-01T00:00:00.000005Z' },
    })
  })

  it('refuses what is no such message', () => {
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow('does not appear to be a protobuf message')
    expect(() => decodeProtobuf(Buffer.from('k8s\0\x0a\xff\xff\xff', 'latin1'))).toThrow('unable to decode protobuf')
    expect(() => decodeProtobuf(envelope('storage.k8s.io/v1', 'CSINode', Buffer.alloc(0)))).toThrow(
      'cannot be read as protobuf here',
    )
  })
})
