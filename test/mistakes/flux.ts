import type { Mistake } from './mistake.ts'

const FLUX = 'toolkit.fluxcd.io'
const wrongToken = (password: string) => `kubectl apply -f - <<EOF
apiVersion: v1
kind: Secret
metadata: {name: my-nodejs-app-config, namespace: flux-system}
stringData: {username: learner, password: ${password}}
EOF`
const source = (namespace: string) => `kubectl apply -f - <<EOF
apiVersion: source.${FLUX}/v1
kind: GitRepository
metadata: {name: my-nodejs-app-config, namespace: ${namespace}}
spec:
  interval: 1m
  url: $GITLAB_URL/$GITLAB_USER/my-nodejs-app-config
  ref: {branch: main}
  secretRef: {name: my-nodejs-app-config}
EOF`
const kustomization = (name: string, path: string, more = '') => `kubectl apply -f - <<EOF
apiVersion: kustomize.${FLUX}/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec: {interval: 10m, path: ${path}, prune: true, sourceRef: {kind: GitRepository, name: my-nodejs-app-config}${more}}
EOF`
const image = (kind: string, spec: string) => `kubectl apply -f - <<EOF
apiVersion: image.${FLUX}/v1
kind: ${kind}
metadata: {name: nodeapp, namespace: flux-system}
spec: ${spec}
EOF`
const AUTOMATION =
  '{interval: 1m, sourceRef: {kind: GitRepository, name: my-nodejs-app-config}, git: {checkout: {ref: {branch: main}}, commit: {author: {name: fluxcdbot, email: fluxcdbot@users.noreply.example.com}}, push: {branch: main}}, update: {path: ./workloads, strategy: Setters}}'
const KUSTOMIZATION = '"$LAB_DIR/templates/config/workloads/kustomization.yaml"'
const NEWEST = `tag=1.0.$(api "$(project my-nodejs-app)/pipelines" | tr ',' '\\n' | sed -n 's/^"iid":\\([0-9]*\\)$/\\1/p' | head -n 1)`

/** Flux between the configuration repository and the cluster, and between the registry and the configuration. */
export const FLUX_MISTAKES: readonly Mistake[] = [
  {
    title: 'a GitRepository in another namespace',
    at: 'gitlab/connect-flux',
    cause: 'wrong-namespace',
    make: source('default'),
    repair: `kubectl delete gitrepository my-nodejs-app-config --namespace default\n${wrongToken('nonsense')}\n${source('flux-system')}`,
    after: 'gone',
  },
  {
    title: 'a token that GitLab refuses',
    at: 'gitlab/connect-flux',
    cause: 'token-refused',
    make: 'true',
    repair: wrongToken('$GITLAB_WRITE_TOKEN'),
    after: 'gone',
  },
  {
    title: 'a GitRepository of another project',
    at: 'gitlab/connect-flux',
    cause: 'wrong-repo-url',
    make: `kubectl patch gitrepository my-nodejs-app-config --namespace flux-system --type merge --patch "{\\"spec\\":{\\"url\\":\\"$GITLAB_URL/$GITLAB_USER/my-nodejs-app\\"}}"`,
    after: 'gone',
  },
  {
    title: 'a GitRepository of another branch',
    at: 'gitlab/connect-flux',
    cause: 'wrong-branch',
    make: `kubectl patch gitrepository my-nodejs-app-config --namespace flux-system --type merge --patch '{"spec":{"ref":{"branch":"release"}}}'`,
    after: 'gone',
  },
  {
    title: 'a Kustomization of another folder',
    at: 'gitlab/connect-flux',
    cause: 'wrong-path',
    make: `${kustomization('namespaces', './namespaces')}\n${kustomization('workloads', './workload', ', dependsOn: [{name: namespaces}]')}`,
    after: 'gone',
  },
  {
    title: 'a tag that the registry does not have',
    at: 'gitlab/connect-flux',
    cause: 'image-missing',
    make: 'true',
    repair: `api --output /dev/null --request PUT "$(project my-nodejs-app)" --data visibility=private
${NEWEST}\nsed "s/newTag: 1.0.1/newTag: $tag/" ${KUSTOMIZATION} | put workloads/kustomization.yaml`,
    after: 'gone',
  },
  {
    title: 'a private project without a pull secret',
    at: 'gitlab/connect-flux',
    cause: 'private-project',
    make: 'true',
    repair: `api --output /dev/null --request PUT "$(project my-nodejs-app)" --data visibility=public
kubectl delete pods --all --namespace demo --wait=false`,
  },
  {
    title: 'a manifest that does not parse',
    at: 'gitlab/connect-flux',
    cause: 'manifest-yaml',
    make: `printf 'apiVersion: v1\\nkind: Service\\n  metadata:\\n' | put workloads/service.yaml`,
    repair: 'put workloads/service.yaml < "$LAB_DIR/templates/config/workloads/service.yaml"',
  },
  {
    title: 'a controller scaled to zero',
    at: 'gitlab/connect-flux',
    cause: 'controller-scaled-to-zero',
    make: `kubectl scale deployment kustomize-controller --namespace flux-system --replicas=0
put README.md <<< "Read me"`,
  },
  {
    title: 'a controller that does not start',
    at: 'gitlab/connect-flux',
    cause: 'controller-crashing',
    make: `kubectl patch deployment source-controller --namespace flux-system --patch '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'
kubectl set image deployment source-controller --namespace flux-system manager=ghcr.io/fluxcd/sauce-controller:v1
put README.md <<< "Read me, too"`,
  },
  {
    title: 'a controller that was deleted',
    at: 'gitlab/connect-flux',
    cause: 'controller-missing',
    make: `kubectl delete deployment kustomize-controller --namespace flux-system
put README.md <<< "Read me again"`,
    repair: 'kubectl apply --server-side --force-conflicts -f "$LAB_DIR/manifests/flux/install.yaml"',
  },
  {
    title: 'a Kustomization that is suspended',
    at: 'gitlab/connect-flux',
    cause: 'suspended',
    make: `kubectl patch kustomization workloads --namespace flux-system --type merge --patch '{"spec":{"suspend":true}}'`,
  },
  {
    title: 'two at once: the one nearer to the start is named',
    at: 'gitlab/connect-flux',
    cause: 'wrong-repo-url',
    make: `kubectl patch kustomization workloads --namespace flux-system --type merge --patch '{"spec":{"path":"./work"}}'
kubectl patch gitrepository my-nodejs-app-config --namespace flux-system --type merge --patch "{\\"spec\\":{\\"url\\":\\"$GITLAB_URL/$GITLAB_USER/other\\"}}"`,
    after: 'gone',
  },
  {
    title: 'and then the other',
    at: 'gitlab/connect-flux',
    cause: 'wrong-path',
    make: 'true',
  },
  {
    title: 'an ImagePolicy without its CustomResourceDefinition',
    at: 'gitlab/image-automation',
    cause: 'definition-missing',
    make: `kubectl delete crd imagepolicies.image.${FLUX}`,
    repair: `kubectl apply --server-side --force-conflicts -f "$LAB_DIR/manifests/flux/install.yaml"
${image('ImageRepository', '{image: "$IMAGE_REGISTRY/$GITLAB_USER/other", interval: 1m}')}
${image('ImagePolicy', '{imageRepositoryRef: {name: nodeapp}, policy: {semver: {range: ~2.0}}}')}
${image('ImageUpdateAutomation', AUTOMATION)}`,
    after: 'gone',
  },
  {
    title: 'an ImageRepository of another image',
    at: 'gitlab/image-automation',
    cause: 'image-not-matched',
    make: 'true',
    after: 'gone',
  },
  {
    title: 'a constraint that allows no tag',
    at: 'gitlab/image-automation',
    cause: 'tag-outside-constraint',
    make: 'true',
    repair: `kubectl patch imagepolicy nodeapp --namespace flux-system --type merge --patch '{"spec":{"policy":{"semver":{"range":"~1.0"}}}}'`,
  },
  {
    title: 'a newTag line without its marker',
    at: 'gitlab/first-commit',
    cause: 'no-marker',
    make: `${NEWEST}
sed "s/newTag: 1.0.1.*/newTag: $tag/" ${KUSTOMIZATION} | put workloads/kustomization.yaml
cd "$LAB_DIR/my-nodejs-app" && sed -i 's/"engineer" }/"engineer", "awake": true }/' users.json && app "Wake a user"`,
    repair: `sed "s/newTag: 1.0.1/newTag: 1.0.2/" ${KUSTOMIZATION} | put workloads/kustomization.yaml`,
  },
  {
    title: 'a constraint that does not allow the new tag',
    at: 'gitlab/first-commit',
    cause: 'tag-outside-constraint',
    make: `kubectl patch imagepolicy nodeapp --namespace flux-system --type merge --patch '{"spec":{"policy":{"semver":{"range":"<=1.0.2"}}}}'
cd "$LAB_DIR/my-nodejs-app" && sed -i 's/, "awake": true//' users.json && app "Let a user sleep"`,
  },
  {
    title: 'a commit that is not pushed',
    at: 'gitlab/first-commit',
    cause: 'not-pushed',
    make: `cd "$LAB_DIR/my-nodejs-app" && sed -i 's/- sleep 2 && npm test/- npm test \\&\\& false/' .gitlab-ci.yml && app "Fail"
git revert --no-edit HEAD > /dev/null`,
  },
]
