import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { has, World } from './world.ts'

const CLIENTS = ['git', 'curl', 'jq', 'kubectl']
const missing = CLIENTS.filter((client) => !has(client))

/** The transcripts of the lab's own path: a smoke test, and manual sync, adoption, self-heal, prune and write-back. */
const TRANSCRIPTS = [
  'kubernetes/smoke',
  'gitops/argocd-manual',
  'gitops/argocd-adopt',
  'gitops/argocd-selfheal',
  'gitops/argocd-prune',
  'gitops/image-updater-kustomization',
]

describe.skipIf(missing.length > 0)(`what real programs answered (needs ${CLIENTS.join(', ')})`, () => {
  let world: World
  const scratch = mkdtempSync(join(tmpdir(), 'gl-golden-'))
  beforeAll(async () => {
    world = new World()
    const up = await world.run(['sandbox', 'up', '--simulate-images', '*'])
    expect(up.err).toBe('')
    const installed = await world.sh(`
      kubectl create namespace argocd &&
      kubectl apply --server-side --force-conflicts -n argocd -f "$LAB_DIR/manifests/argocd/install.yaml" &&
      kubectl apply -n argocd -f "$LAB_DIR/manifests/image-updater/install.yaml" &&
      kubectl wait deployment --all -n argocd --for=condition=Available --timeout=90s &&
      kubectl rollout status statefulset -n argocd argocd-application-controller --timeout=90s`)
    expect(installed.err).toBe('')
  }, 180_000)
  afterAll(async () => {
    await world.remove()
    rmSync(scratch, { recursive: true, force: true })
  })

  it.each(TRANSCRIPTS)('%s', { timeout: 180_000 }, async (name) => {
    const { out, err } = await world.sh(
      `export REAL_KUBECTL="$(command -v kubectl)"
       export GIT_BASE="$GITLAB_URL/$GITLAB_USER" LAB_REGISTRY="$REGISTRY"
       export GIT_PRIVATE_BASE="$GIT_BASE" GIT_HTTPS_BASE="$GIT_BASE"
       export GIT_PUSH_BASE="\${GITLAB_URL/:\\/\\//:\\/\\/$GITLAB_USER:$GITLAB_TOKEN@}/$GITLAB_USER"
       export GIT_USER="$GITLAB_USER" GIT_PASSWORD="$GITLAB_TOKEN"
       export REGISTRY="registry.lab.test/$GITLAB_USER" REGISTRY_NAME="registry.lab.test/$GITLAB_USER"
       node test/golden/run.mjs --kubectl "$PWD/test/golden-helpers/kubectl-by-seconds" --eventually 60000 --helpers test/golden-helpers --image registry.k8s.io/pause:3.10 test/golden/${name}.t`,
    )
    expect(out + err).toMatch(/^\s*(\d+)\/\1\s.*\n\d+ passed, 0 failed\n$/)
  })
})
