import type { Mistake } from './mistake.ts'

// kubectl refuses a second restart within the same second, and the verdict's own advice may just have been followed.
const LOOK =
  'until kubectl rollout restart deployment argocd-image-updater-controller --namespace argocd 2> /dev/null; do :; done'
const updater = (image: string, constraint: string) => `kubectl apply -f - <<EOF
apiVersion: argocd-image-updater.argoproj.io/v1alpha1
kind: ImageUpdater
metadata: {name: my-nodejs-app, namespace: argocd}
spec:
  applicationRefs:
    - namePattern: my-nodejs-app
      images: [{alias: nodeapp, imageName: "$IMAGE_REGISTRY/$GITLAB_USER/${image}:${constraint}"}]
  writeBackConfig:
    method: git:secret:argocd/my-nodejs-app-config-write
    gitConfig: {branch: main, writeBackTarget: kustomization}
EOF`
const credential = (password: string) => `kubectl create secret generic my-nodejs-app-config-write --namespace argocd \\
  --from-literal=username="$GITLAB_USER" --from-file=password=/dev/stdin --dry-run=client --output yaml <<< ${password} | kubectl apply -f -`
/** A token of the learner's with other scopes: `token NAME SCOPE`. */
const token = (scope: string) =>
  `user=$(api "$GITLAB_URL/api/v4/user" | sed 's/^{"id":\\([0-9]*\\).*/\\1/')
token=$(api "$GITLAB_URL/api/v4/users/$user/personal_access_tokens" --data name=${scope} --data "scopes[]=${scope}" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`
/** Image Updater between the registry and the configuration, and what it delivers. */
export const UPDATER_MISTAKES: readonly Mistake[] = [
  {
    title: 'an ImageUpdater before Image Updater is installed',
    at: 'image-auto-deploy/image-updater',
    cause: 'definition-missing',
    make: 'true',
    after: 'gone',
  },
  {
    title: 'an ImageUpdater of another image',
    at: 'image-auto-deploy/image-updater',
    cause: 'image-not-matched',
    make: updater('other', '~1.0'),
    repair: updater('my-nodejs-app', '~1.0'),
  },
  {
    title: 'an edit that is not committed',
    at: 'image-auto-deploy/add-endpoint',
    cause: 'nothing-committed',
    make: `cd "$LAB_DIR/my-nodejs-app" && git pull --quiet origin main
sed -i 's|^  return json(response, 404.*|  const id = pathname.slice(1)\\n  if (Object.hasOwn(users, id)) return json(response, 200, users[id])\\n&|' app.js`,
    repair: 'app "Answer with one user"',
    after: 'gone',
  },
  {
    title: 'a write-back without its Secret',
    at: 'image-auto-deploy/add-endpoint',
    cause: 'secret-missing',
    make: 'true',
    repair: `${credential('nonsense')}\n${LOOK}`,
    after: 'gone',
  },
  {
    title: 'a write-back with a token that GitLab refuses',
    at: 'image-auto-deploy/add-endpoint',
    cause: 'token-refused',
    make: 'true',
    repair: `${token('read_repository')}\n${credential('"$token"')}\n${LOOK}`,
    after: 'gone',
  },
  {
    title: 'a write-back with a token that may only read',
    at: 'image-auto-deploy/add-endpoint',
    cause: 'token-cannot-write',
    make: 'true',
    repair: `${credential('"$GITLAB_WRITE_TOKEN"')}\n${LOOK}`,
  },
  {
    title: 'a revert of the updater’s commit alone',
    at: 'image-auto-deploy/roll-back',
    cause: 'tag-reverted',
    make: `cd "$(mktemp -d)" && git clone --quiet --branch main "$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git" .
git revert --no-edit HEAD > /dev/null && git push --quiet origin HEAD:main`,
  },
  {
    title: 'an app that listens on another port than its probe asks',
    at: 'image-auto-deploy/repair',
    cause: 'app-not-ready',
    // The deadline of a rollout is shortened in Git, so that it is over soon.
    make: `sed 's/progressDeadlineSeconds: 30/progressDeadlineSeconds: 5/' "$LAB_DIR/templates/config/workloads/deployment.yaml" | put workloads/deployment.yaml
cd "$LAB_DIR/my-nodejs-app" && git revert --no-edit --no-commit HEAD
sed -i 's/8181/8182/' server.js && app "Answer with one user, on another port"`,
    repair: `cd "$LAB_DIR/my-nodejs-app" && sed -i -e 's/8182/8181/' -e '1i import "./settings.js"' server.js && app "Listen where the probe asks"`,
    after: 'gone',
  },
  {
    title: 'an app that ends as soon as it starts',
    at: 'image-auto-deploy/repair',
    cause: 'app-crashes',
    make: 'true',
    repair: `cd "$LAB_DIR/my-nodejs-app" && sed -i '1d' server.js && app "Do without settings"`,
  },
]
