import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCourse } from '../lab/course/load.ts'
import { has, type Ran, World } from './world.ts'

const CLIENTS = ['git', 'curl', 'kubectl']
const missing = CLIENTS.filter((client) => !has(client))
const { drills } = readCourse(join(resolve(import.meta.dirname, '..'), 'steps'))

/** A clone of the configuration repository to work in. */
const CLONE = 'cd "$(mktemp -d)" && git clone -q "$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git" . &&'
const REFRESH = 'kubectl annotate applications --all -n argocd argocd.argoproj.io/refresh=normal --overwrite'
const SYNC = `kubectl patch application my-nodejs-app -n argocd --type merge --patch '{"operation":{"sync":{}}}'`
/** Calls GitLab's API as the learner. */
const GITLAB = `gitlab() { printf 'header = "PRIVATE-TOKEN: %s"\\n' "$GITLAB_TOKEN" | curl -sf --config - "$@"; }; set -e;
  config="$GITLAB_URL/api/v4/projects/$GITLAB_USER%2Fmy-nodejs-app-config";
  app="$GITLAB_URL/api/v4/projects/$GITLAB_USER%2Fmy-nodejs-app";
  newest=1.0.$(gitlab "$app/pipelines?per_page=1" | sed 's/.*"iid":\\([0-9]*\\).*/\\1/');`

/** Another way to repair each drill than the one that it tells when it is solved. */
const OTHER_ROUTES: Readonly<Record<string, string>> = {
  // On GitLab, without a clone.
  'stuck-rollout': `${GITLAB} file="$config/repository/files/workloads%2Fdeployment.yaml"; new=$(mktemp);
    gitlab "$file/raw?ref=main" | sed 's#/my-node-app#/my-nodejs-app#' >"$new"
    gitlab -X PUT "$file" --data branch=main --data commit_message=Mend --data-urlencode "content@$new"`,
  'ignored-commit': `${CLONE} git revert --no-edit HEAD && git push -q origin HEAD:main`,
  // Written anew.
  'lost-tag': `${GITLAB} ${CLONE} printf 'resources: [deployment.yaml, service.yaml]\\nimages:\\n  - name: %s\\n    newTag: %s\\n' \
    "$IMAGE_REGISTRY/$GITLAB_USER/my-nodejs-app" "$newest" >workloads/kustomization.yaml
    git add . && git commit -qm 'Name the version' && git push -q origin HEAD:main`,
  // Another updater, that says otherwise which tags are meant.
  'left-behind': `kubectl delete imageupdater my-nodejs-app -n argocd && kubectl create -f - <<EOF
apiVersion: argocd-image-updater.argoproj.io/v1alpha1
kind: ImageUpdater
metadata: { name: my-nodejs-app, namespace: argocd }
spec:
  applicationRefs:
    - namePattern: my-nodejs-app
      images:
        - alias: nodeapp
          imageName: $IMAGE_REGISTRY/$GITLAB_USER/my-nodejs-app
          commonUpdateSettings: { allowTags: 'regexp:^1\\.0\\.[0-9]+$' }
  writeBackConfig:
    method: git:secret:argocd/my-nodejs-app-config-write
    gitConfig: { branch: main, writeBackTarget: kustomization }
EOF`,
  // Another Secret, which the updater is told to use.
  unwritten: `kubectl create -f - <<EOF
apiVersion: v1
kind: Secret
metadata: { name: config-writer, namespace: argocd }
stringData: { username: $GITLAB_USER, password: $GITLAB_WRITE_TOKEN }
EOF
kubectl patch imageupdater my-nodejs-app -n argocd --type merge --patch \
  '{"spec":{"writeBackConfig":{"method":"git:secret:argocd/config-writer"}}}'`,
  // The project is public: no pull secret at all.
  'locked-door': `${CLONE} grep -v -e imagePullSecrets: -e 'name: registry' workloads/deployment.yaml >new;
    mv new workloads/deployment.yaml && git commit -qam 'Pull without a secret' && git push -q origin HEAD:main`,
  // The other Application may stay, if it only compares.
  'restless-replicas': `kubectl patch application load-test -n argocd --type merge --patch '{"spec":{"syncPolicy":null}}'; ${SYNC}`,
  // Both want what Git says.
  'flip-flop': `${GITLAB} kubectl patch imageupdater my-nodejs-app -n argocd --type merge --patch \
    '{"spec":{"writeBackConfig":{"method":"git:secret:argocd/my-nodejs-app-config-write","gitConfig":{"branch":"main","writeBackTarget":"kustomization"}}}}'
    kubectl patch application my-nodejs-app -n argocd --type merge --patch '{"spec":{"source":{"kustomize":null}}}'
    ${CLONE} sed "s/newTag:.*/newTag: $newest/" workloads/kustomization.yaml >new && mv new workloads/kustomization.yaml
    git commit -qam 'Say the newest version' && git push -q origin HEAD:main
    kubectl annotate gitrepositories --all -n flux-system "reconcile.fluxcd.io/requestedAt=$newest" --overwrite`,
  // Argo CD takes it over.
  vanished: `kubectl create -f - <<EOF
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: reports, namespace: argocd }
spec:
  project: default
  source: { repoURL: $GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git, path: reports, targetRevision: main }
  destination: { server: https://kubernetes.default.svc }
  syncPolicy: { automated: {} }
EOF`,
  // The namespace is told to wait for nobody.
  'undying-namespace': `kubectl get namespace preview -o json | sed 's/"kubernetes"//' |
    kubectl replace --raw /api/v1/namespaces/preview/finalize -f -`,
}

type Row = { readonly step: string; readonly task: string; readonly verdict: string; readonly found?: string }

it('has another route for each drill', () => {
  expect(Object.keys(OTHER_ROUTES).sort()).toEqual(drills.map(({ name }) => name).sort())
})

describe.skipIf(missing.length > 0)(`the drills (need ${CLIENTS.join(', ')})`, () => {
  let world: World
  beforeAll(async () => {
    world = new World()
    expect((await world.run(['run'])).code).toBe(0)
  }, 300_000)
  afterAll(() => world.remove())

  const ok = async (ran: Promise<Ran>): Promise<string> => {
    const { code, out, err } = await ran
    expect(code, `${out}${err}`).toBe(0)
    return out
  }
  const rowsOf = async (name: string) =>
    JSON.parse((await world.run(['check', `drill/${name}`, '--json'])).out) as readonly Row[]
  const stateOf = async (name: string) => {
    const list = JSON.parse(await ok(world.run(['drill', '--json']))) as readonly { name: string; state: string }[]
    return list.find((row) => row.name === name)?.state
  }
  const head = async () => (await world.sh(`${CLONE} git rev-parse HEAD`)).out

  it.each(drills.map((drill) => [drill.name, drill] as const))('%s', { timeout: 200_000 }, async (name, drill) => {
    const before = await head()
    for (const route of [drill.repair.map(({ text }) => text).join('\n'), OTHER_ROUTES[name] ?? '']) {
      const told = await ok(world.run(['drill', name]))
      expect(told).toContain(drill.symptom)
      expect(told).not.toContain(drill.blocks.find(({ kind }) => kind === 'prose')?.['markdown' as never])
      expect((await rowsOf(name)).map(({ verdict }) => verdict)).toContain('blocked')
      expect(await stateOf(name)).toBe('running')
      expect(await ok(world.run(['drill', '--hint']))).toMatch(/^Hint 1 of \d: \S/)
      await ok(world.sh(`set -euo pipefail; ${route}`))
      const solved = async () => {
        await world.sh(REFRESH)
        return (await rowsOf(name)).every(({ verdict }) => verdict === 'passed') ? 'solved' : await rowsOf(name)
      }
      await expect.poll(solved, { timeout: 90_000, interval: 500 }).toBe('solved')
      expect(await stateOf(name)).toBe('solved')
      expect(await ok(world.run(['check']))).toMatch(new RegExp(`solved ${name} in .+, 1 hint\\)`))
      await ok(world.run(['drill', '--undo']))
      expect(await head()).toBe(before)
    }
  })
})
