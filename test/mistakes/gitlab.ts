import type { Mistake } from './mistake.ts'

const CI = '.gitlab-ci.yml'

/** From the tools to the image, each in a world where what comes before is done. */
export const GITLAB_MISTAKES: readonly Mistake[] = [
  {
    title: 'curl is not installed',
    at: 'prerequisites/tools',
    cause: 'tool-missing',
    make: 'mv "$(type -P curl)" "$LAB_DIR/curl"',
    repair: 'mv "$LAB_DIR/curl" "$(dirname "$(type -P git)")"',
  },
  {
    title: 'a project of the same name under another path',
    at: 'gitlab/create-projects',
    cause: 'project-name-taken',
    make: 'api --output /dev/null "$GITLAB_URL/api/v4/projects" --data name=my-nodejs-app --data path=app --data visibility=public',
    repair: 'api --output /dev/null --request PUT "$(project app)" --data path=my-nodejs-app',
    after: 'gone',
  },
  {
    title: 'a first push that makes a private project, of branch master',
    at: 'gitlab/create-projects',
    cause: 'private-project',
    make: `mkdir -p "$LAB_DIR/elsewhere" && cd "$LAB_DIR/elsewhere" && git init --quiet --initial-branch master
cp -R ../templates/config/. . && rm workloads/kustomization.yaml && git add . && git commit --quiet --message "Add the configuration"
git push --quiet "$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git" master`,
    repair: 'api --output /dev/null --request PUT "$(project my-nodejs-app-config)" --data visibility=public',
  },
  {
    title: 'the configuration on branch master',
    at: 'gitlab/push-config',
    cause: 'wrong-branch',
    make: 'true',
    repair: 'cd "$LAB_DIR/elsewhere" && git push --quiet "$GITLAB_URL/$GITLAB_USER/my-nodejs-app-config.git" HEAD:main',
    after: 'gone',
  },
  {
    title: 'a folder without its kustomization.yaml',
    at: 'gitlab/push-config',
    cause: 'no-kustomization',
    make: 'true',
    repair: 'put workloads/kustomization.yaml < "$LAB_DIR/templates/config/workloads/kustomization.yaml"',
  },
  {
    title: 'nothing committed',
    at: 'gitlab/push-app',
    cause: 'nothing-committed',
    make: `cd "$LAB_DIR" && git clone --quiet "$GITLAB_URL/$GITLAB_USER/my-nodejs-app.git" 2> /dev/null
cp -R templates/app/. my-nodejs-app && rm my-nodejs-app/${CI}`,
    after: 'gone',
  },
  {
    title: 'a remote that leads to another repository',
    at: 'gitlab/push-app',
    cause: 'wrong-remote',
    make: 'cd "$LAB_DIR/my-nodejs-app" && git remote set-url origin "$GITLAB_URL/$GITLAB_USER/other.git"',
    after: 'gone',
  },
  {
    title: 'a push without .gitlab-ci.yml',
    at: 'gitlab/push-app',
    cause: 'no-pipeline',
    make: 'true',
    repair: `cp "$LAB_DIR/templates/app/${CI}" "$LAB_DIR/my-nodejs-app" && echo 'stages: [' >> "$LAB_DIR/my-nodejs-app/${CI}" && app "Add the pipeline"`,
    after: 'gone',
  },
  {
    title: 'a .gitlab-ci.yml that does not parse',
    at: 'gitlab/push-app',
    cause: 'ci-yaml',
    make: 'true',
    repair: `cp "$LAB_DIR/templates/app/${CI}" "$LAB_DIR/my-nodejs-app" && sed -i s/listUsers/users/ "$LAB_DIR/my-nodejs-app/app.js" && app "Mend the pipeline"`,
    after: 'gone',
  },
  {
    title: 'a test that fails',
    at: 'gitlab/push-app',
    cause: 'tests-failed',
    make: 'true',
    repair: `cp "$LAB_DIR/templates/app/app.js" "$LAB_DIR/my-nodejs-app" && cd "$LAB_DIR/my-nodejs-app" && sed -i 's/users.json/people.json/' Dockerfile && app "Mend the app"`,
    after: 'gone',
  },
  {
    title: 'a Dockerfile that does not build',
    at: 'gitlab/push-app',
    cause: 'image-build-failed',
    make: 'true',
    repair: `cp "$LAB_DIR/templates/app/Dockerfile" "$LAB_DIR/my-nodejs-app" && cd "$LAB_DIR/my-nodejs-app" && sed -i 's/:1.0.$CI_PIPELINE_IID/:v$CI_PIPELINE_IID/' ${CI} && app "Mend the Dockerfile"`,
    after: 'gone',
  },
  {
    title: 'an image under another tag',
    at: 'gitlab/push-app',
    cause: 'other-image-name',
    make: 'true',
    repair: `cp "$LAB_DIR/templates/app/${CI}" "$LAB_DIR/my-nodejs-app" && sed -i 's/- npm test/- sleep 2 \\&\\& npm test/' "$LAB_DIR/my-nodejs-app/${CI}" && app "Mend the tag"`,
    after: 'gone',
  },
  {
    title: 'a pipeline that still runs',
    at: 'gitlab/push-app',
    cause: 'pipeline-running',
    make: 'true',
    repair: 'true',
  },
]
