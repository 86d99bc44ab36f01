import { describe, expect, it } from 'vitest'
import { secretsIn } from './secrets.ts'

describe('secretsIn', () => {
  it.each([
    'curl -H "PRIVATE-TOKEN: $GITLAB_TOKEN" "$GITLAB_URL"',
    "curl --header 'Authorization: Bearer abc' x",
    'curl -u "root:$GITLAB_TOKEN" x',
    'kubectl create secret generic x --from-literal=password="$P"',
    'kubectl create secret generic x --from-literal=url=$GITLAB_WRITE_TOKEN',
    'argocd login x --username admin --password x',
    'docker login -u u -p "$PW" r',
    'git clone "http://u:$GITLAB_TOKEN@host/x.git"',
    'git clone http://u:pw@host/x.git',
    'if flux create secret git x --password=$X; then true; fi',
    'x=1 y=2 helm repo add --password "$A" r u',
    'ls | xargs curl --token "$T"',
    'curl \\\n  -H "PRIVATE-TOKEN: x" y',
    'a=$(curl -H "PRIVATE-TOKEN: x" y)',
  ])('refuses %s', (script) => expect(secretsIn(script)).toHaveLength(1))

  it.each([
    'curl --config - "$GITLAB_URL" <<EOF\nheader = "PRIVATE-TOKEN: $GITLAB_TOKEN"\nEOF',
    "kubectl apply -f - <<'EOF'\npassword: $GITLAB_WRITE_TOKEN\nurl: http://u:p@h/\nEOF",
    'printf %s "$GITLAB_TOKEN" | docker login -u u --password-stdin r',
    'mkdir -p a/b',
    'kubectl patch deploy x -p \'{"spec":{}}\'',
    'kubectl -n argocd get secret argocd-initial-admin-secret -o jsonpath={.data.password}',
    '# curl -H "PRIVATE-TOKEN: x"',
    'TOKEN=$GITLAB_TOKEN',
    'test -n "$GITLAB_TOKEN"',
    'kubectl port-forward svc/a 8080:80',
    'kubectl create token x',
    'curl "http://$REGISTRY/v2/"',
  ])('accepts %s', (script) => expect(secretsIn(script)).toEqual([]))

  it('tells the line', () => expect(secretsIn('ls\nls\ncurl -u a:b x')).toMatchObject([{ line: 2 }]))
})
