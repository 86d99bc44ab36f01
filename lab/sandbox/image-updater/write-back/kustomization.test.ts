import { describe, expect, it } from 'vitest'
import { setImages } from './kustomization.ts'

describe('setImages', () => {
  it('replaces one entry and leaves the rest as it is', () => {
    const text = `resources:
  - deploy.yaml

# the version that runs
images:
  - name: r.test/other
    newTag: "7"
  - name: r.test/web
    newTag: 1.0.0 # set by the updater

commonLabels: {a: b}
`
    expect(setImages(text, ['r.test/web:1.0.1'])).toBe(text.replace('1.0.0 # set by the updater', '1.0.1'))
  })

  it('writes a flow entry as a block', () => {
    expect(
      setImages('resources: [a.yaml]\nimages:\n- {name: app, newName: "r.test/web", newTag: 1.0.0}\n', [
        'app=r.test/web:1.0.1',
        'r.test/side:c',
      ]),
    ).toBe(
      'resources: [a.yaml]\nimages:\n- name: app\n  newName: r.test/web\n  newTag: 1.0.1\n- name: r.test/side\n  newTag: c\n',
    )
  })

  it('adds the list when there is none, or an empty one', () => {
    const images = 'images:\n- name: r.test/web\n  newTag: 1.0.1\n'
    expect(setImages('resources: [a.yaml]\n', ['r.test/web:1.0.1'])).toBe(`resources: [a.yaml]\n${images}`)
    expect(setImages('resources: [a.yaml]', ['r.test/web:1.0.1'])).toBe(`resources: [a.yaml]\n${images}`)
    expect(setImages('images: []\nnamePrefix: a-\n', ['r.test/web:1.0.1'])).toBe(`${images}namePrefix: a-\n`)
    expect(setImages('images:\nnamePrefix: a-\n', ['r.test/web:1.0.1'])).toBe(`${images}namePrefix: a-\n`)
  })

  it('keeps a flow list a flow list', () => {
    expect(setImages('images: [{name: r.test/web, newTag: 1.0.0}]\n', ['r.test/web:1.0.1', 'r.test/x:2.0'])).toBe(
      'images: [{name: r.test/web, newTag: 1.0.1}, {name: r.test/x, newTag: "2.0"}]\n',
    )
  })

  it('quotes what YAML would take for something else, and writes digests', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    expect(setImages('', ['w:20260101', 'x:1.10', `z:v2@${digest}`])).toBe(
      `images:\n- name: w\n  newTag: "20260101"\n- name: x\n  newTag: "1.10"\n- name: z\n  newTag: v2\n  digest: ${digest}\n`,
    )
  })

  it('replaces a last entry without a newline, and keeps comments between entries', () => {
    expect(
      setImages('images:\n- name: a\n  newTag: 1.0.0\n# about b\n- name: b\n  newTag: 1.0.0', ['a:1.0.1', 'b:1.0.2']),
    ).toBe('images:\n- name: a\n  newTag: 1.0.1\n# about b\n- name: b\n  newTag: 1.0.2')
  })
})
