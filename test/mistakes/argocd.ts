import type { Mistake } from './mistake.ts'

const PATCH = '--namespace argocd --type merge --patch'
const app = (name: string, path: string, options: { namespace?: string; destination?: string; repo?: string } = {}) => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: ${options.namespace ?? 'argocd'}}
spec:
  project: default
  source: {repoURL: "$GITLAB_URL/$GITLAB_USER/${options.repo ?? 'my-nodejs-app-config.git'}", path: ${path}, targetRevision: main}
  destination: {server: "https://kubernetes.default.svc", namespace: ${options.destination ?? 'demo'}}`
const create = (manifest: string) => `kubectl create -f - <<EOF${manifest}\nEOF`
/** Through a port-forward, as `admin`, by Argo CD's own API. */
const byApi = (name: string, path: string) => `forwarded=$(mktemp)
kubectl port-forward --namespace argocd service/argocd-server :80 > "$forwarded" &
trap 'kill %1' EXIT
until server=http://127.0.0.1:$(sed -n 's/.*127.0.0.1:\\([0-9]*\\) .*/\\1/p' "$forwarded" | grep .); do :; done
password=$(kubectl get secret argocd-initial-admin-secret --namespace argocd --output go-template='{{.data.password | base64decode}}')
token=$(curl --silent --fail "$server/api/v1/session" --header 'Content-Type: application/json' --data @- <<< "{\\"username\\":\\"admin\\",\\"password\\":\\"$password\\"}" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl --silent --fail-with-body --output /dev/null --config - "$server/api/v1/applications" --header 'Content-Type: application/json' --data "{
  \\"metadata\\": {\\"name\\": \\"${name}\\"},
  \\"spec\\": {\\"project\\": \\"default\\",
    \\"source\\": {\\"repoURL\\": \\"$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config\\", \\"path\\": \\"${path}\\", \\"targetRevision\\": \\"HEAD\\"},
    \\"destination\\": {\\"server\\": \\"https://kubernetes.default.svc\\"}}}" <<< "header = \\"Authorization: Bearer $token\\""`
/** As a file in Git, which Flux applies. */
const byGit = (manifest: string) => `put apps/my-nodejs-app.yaml <<EOF${manifest}
EOF
kubectl apply -f - <<EOF
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 10m, path: ./apps, prune: false, sourceRef: {kind: GitRepository, name: my-nodejs-app-config}}
EOF
kubectl annotate gitrepository my-nodejs-app-config --namespace flux-system --overwrite reconcile.fluxcd.io/requestedAt="$(date +%s)"
kubectl wait kustomization apps --namespace flux-system --for=condition=Ready --timeout=60s
kubectl delete kustomization apps --namespace flux-system`
const FLUX = '--namespace flux-system --type merge --patch'
const suspend = (kind: string, names: string, value = true) =>
  `kubectl patch ${kind} ${names} ${FLUX} '{"spec":{"suspend":${value}}}'`

const RECORD = `cd "$LAB_DIR"
kubectl get replicasets,pods --namespace demo --selector app=nodeapp --output custom-columns=UID:.metadata.uid > baseline.txt
gitops-lab check replace-flux/baseline --now > /dev/null`

/** Its repair installs Argo CD. */
export const WITHOUT_ARGOCD: Mistake = {
  title: 'an Application before Argo CD is installed',
  at: 'replace-flux/create-applications',
  cause: 'definition-missing',
  make: 'kubectl create namespace argocd',
  after: 'gone',
}

/** Argo CD takes over; Flux still runs when this begins. */
export const ARGOCD_MISTAKES: readonly Mistake[] = [
  {
    title: 'an Application in another namespace',
    at: 'replace-flux/create-applications',
    cause: 'wrong-namespace',
    make: create(app('my-app-namespaces', 'namespaces', { namespace: 'default' })),
    repair: `kubectl delete application my-app-namespaces --namespace default
${byApi('my-app-namespaces', './namespaces/')}
${create(app('my-nodejs-app', 'workload', { destination: 'default', repo: 'my-nodejs-app' }))}`,
    after: 'gone',
  },
  {
    title: 'HEAD of a repository whose default branch is master',
    at: 'replace-flux/create-applications',
    cause: 'wrong-branch',
    make: 'true',
    after: 'gone',
  },
  {
    title: 'an Application of another repository',
    at: 'replace-flux/create-applications',
    cause: 'wrong-repo-url',
    make: 'true',
    after: 'gone',
  },
  {
    title: 'an Application of another folder',
    at: 'replace-flux/create-applications',
    cause: 'wrong-path',
    make: 'true',
    after: 'gone',
  },
  {
    title: 'an Application for another namespace',
    at: 'replace-flux/create-applications',
    cause: 'wrong-namespace',
    make: 'true',
  },
  {
    title: 'the application controller scaled to zero',
    at: 'replace-flux/create-applications',
    cause: 'controller-scaled-to-zero',
    make: `kubectl scale statefulset argocd-application-controller --namespace argocd --replicas=0
kubectl delete application my-nodejs-app --namespace argocd
${byGit(app('my-nodejs-app', 'workloads'))}`,
  },
  {
    title: 'a sync while Flux is active',
    at: 'replace-flux/sync',
    cause: 'flux-active',
    make: `${RECORD}
kubectl patch application my-app-namespaces my-nodejs-app ${PATCH} '{"operation":{"sync":{"syncStrategy":{"hook":{}}}}}'`,
    repair: suspend('kustomization', 'namespaces workloads'),
    after: 'gone',
  },
  {
    title: 'another object of Flux suspended',
    at: 'replace-flux/suspend-flux',
    cause: 'suspended-wrong-object',
    make: suspend('gitrepository', 'my-nodejs-app-config'),
    repair: `${suspend('gitrepository', 'my-nodejs-app-config', false)}\n${suspend('imageupdateautomation', 'nodeapp')}`,
  },
  {
    title: 'a Kustomization deleted before it is suspended',
    at: 'replace-flux/suspend-flux',
    cause: 'kustomization-deleted',
    make: `${suspend('kustomization', 'workloads', false)}
kubectl delete kustomization workloads --namespace flux-system`,
    repair: `kubectl apply -f - <<EOF
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: workloads, namespace: flux-system}
spec: {interval: 10m, path: ./workloads, prune: true, sourceRef: {kind: GitRepository, name: my-nodejs-app-config}}
EOF
kubectl wait kustomization workloads --namespace flux-system --for=condition=Ready --timeout=60s
kubectl rollout status deployment nodeapp --namespace demo --timeout=60s
${suspend('kustomization', 'workloads')}`,
  },
  {
    title: 'pods deleted since the baseline',
    at: 'replace-flux/sync',
    cause: 'pods-replaced',
    make: `${RECORD}
kubectl patch application my-app-namespaces my-nodejs-app ${PATCH} '{"operation":{"sync":{"syncStrategy":{"hook":{}}}}}'
kubectl delete pods --all --namespace demo
kubectl rollout status deployment nodeapp --namespace demo`,
    repair: RECORD,
  },
  {
    title: 'the repository Secret without its label',
    at: 'argocd/connect-repository',
    cause: 'no-label',
    make: `kubectl create secret generic config --namespace argocd --from-literal=type=git --from-literal=url="$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config"`,
  },
  {
    title: 'the repository Secret of another project',
    at: 'argocd/connect-repository',
    cause: 'wrong-repo-url',
    make: `kubectl patch secret config ${PATCH} "{\\"stringData\\":{\\"url\\":\\"$GITLAB_URL/$GITLAB_USER/my-nodejs-app.git\\"}}"`,
  },
  {
    title: 'the repository Secret in another namespace',
    at: 'argocd/connect-repository',
    cause: 'wrong-namespace',
    make: `kubectl delete secret config --namespace argocd
kubectl create secret generic config --namespace demo --from-literal=type=git --from-literal=url="$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git"
kubectl label secret config --namespace demo argocd.argoproj.io/secret-type=repository`,
    repair: `kubectl delete secret config --namespace demo
kubectl create secret generic config --namespace argocd --from-literal=type=git --from-literal=url="$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git"
kubectl label secret config --namespace argocd argocd.argoproj.io/secret-type=repository`,
  },
  {
    title: 'automated sync without self-heal, and paused',
    at: 'replace-flux/automate',
    cause: 'sync-paused',
    make: `kubectl patch application my-app-namespaces my-nodejs-app ${PATCH} '{"spec":{"syncPolicy":{"automated":{"prune":true,"selfHeal":true}}}}'
kubectl annotate application my-nodejs-app --namespace argocd argocd.argoproj.io/skip-reconcile=true`,
  },
  {
    title: 'automated sync that is off, and a drift that nobody heals',
    at: 'replace-flux/drift',
    cause: 'sync-paused',
    make: `kubectl patch application my-nodejs-app ${PATCH} '{"spec":{"syncPolicy":{"automated":{"enabled":false}}}}'
kubectl scale deployment nodeapp --namespace demo --replicas=4`,
  },
  {
    title: 'a namespace that Kubernetes refuses',
    at: 'replace-flux/add-namespace',
    cause: 'sync-failed',
    make: `printf 'apiVersion: v1\\nkind: Namespace\\nmetadata:\\n  name: Demo_2\\n' | put namespaces/demo2.yaml
printf 'apiVersion: kustomize.config.k8s.io/v1beta1\\nkind: Kustomization\\nresources: [demo.yaml, demo2.yaml]\\n' | put namespaces/kustomization.yaml`,
    repair: `printf 'apiVersion: v1\\nkind: Namespace\\nmetadata:\\n  name: demo2\\n' | put namespaces/demo2.yaml`,
  },
  {
    title: 'YAML that does not parse',
    at: 'replace-flux/revert-namespace',
    cause: 'manifest-yaml',
    make: `printf 'apiVersion: v1\\nkind: Namespace\\n  metadata: {\\n' | put namespaces/demo.yaml
printf 'apiVersion: kustomize.config.k8s.io/v1beta1\\nkind: Kustomization\\nresources: [demo.yaml]\\n' | put namespaces/kustomization.yaml`,
    repair: `put namespaces/demo.yaml < "$LAB_DIR/templates/config/namespaces/demo.yaml"
kubectl annotate application my-app-namespaces --namespace argocd --overwrite argocd.argoproj.io/refresh=normal`,
  },
  {
    title: 'labels stripped while Flux is active',
    at: 'replace-flux/strip-labels',
    cause: 'flux-active',
    make: suspend('kustomization', 'workloads', false),
    repair: `${suspend('kustomization', 'workloads')}
for object in namespace/demo deployment/nodeapp service/nodeapp; do
  kubectl label "$object" --namespace demo kustomize.toolkit.fluxcd.io/name- kustomize.toolkit.fluxcd.io/namespace-
done`,
  },
]
