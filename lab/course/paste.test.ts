import { expect, it } from 'vitest'
import { notPastable } from './paste.ts'

it.each([
  'cd "$LAB_DIR"\ngit add .\ngit diff --cached --quiet || git commit --message "Add a user"',
  'curl "$GITLAB_URL/api/v4/projects?search=a*[b]#c"',
  "kubectl get pod -o jsonpath='{.items[*].metadata.name}'",
  'cat > x <<EOF\n# a comment, [a] *? !x $a:b\nEOF',
  'if test "$(git log -1 --format=%s)" = "Add"; then git revert HEAD; fi',
  'if ! test -e x; then ls; fi',
  'test $? = 0',
  '[ -f x ] && [[ $a == b ]]',
  `echo "$\{project}:x" "$project: HTTP"`,
  'for a in b c; do echo "$a"; done',
  'echo a\\?b a\\#b',
])('%s can be pasted', (script) => expect(notPastable(script)).toEqual([]))

it.each([
  ['ls # all', 'comments'],
  ['# all', 'comments'],
  ['curl $GITLAB_URL/x?y=1', '"?"'],
  ['kubectl get pod -o jsonpath={.items[0]}', '"["'],
  ['cp templates/* .', '"*"'],
  ['echo "$(ls *.md)"', '"*"'],
  ['echo "done!now"', 'history'],
  ['docker pull $IMAGE:latest', 'modifier'],
  ['echo "$IMAGE:latest"', 'modifier'],
  ['status=1', 'zsh’s own'],
  ['for x in $list; do ls; done', 'split'],
  ['echo =ls', '"=word"'],
])('%s cannot', (script, why) => expect(notPastable(script)).toMatchObject([{ why: expect.stringContaining(why) }]))

it('tells the line', () => expect(notPastable('ls\ncat <<EOF\n*\nEOF\nls *')).toMatchObject([{ line: 4 }]))
