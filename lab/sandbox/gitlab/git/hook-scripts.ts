import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * Decides on the server what a push may do to branches. GITLAB_PROTECTED has a line a protected branch:
 * "<push: yes|no> <force: yes|no> <name or pattern>". What is printed comes to the pusher behind "remote: ".
 */
const PRE_RECEIVE = `#!/bin/sh
refuse() {
  echo "GitLab: $1" >&2
  exit 1
}
absent=0000000000000000000000000000000000000000
while read -r old new ref; do
  case $ref in
    refs/heads/*) branch=\${ref#refs/heads/} ;;
    *) continue ;;
  esac
  if [ "$new" = "$absent" ] && [ "$branch" = "$GITLAB_DEFAULT_BRANCH" ]; then
    refuse 'The default branch of a project cannot be deleted.'
  fi
  if printf %s "$branch" | grep -Eqx '[0-9a-fA-F]{40}'; then
    refuse 'You cannot create a branch with a 40-character hexadecimal branch name.'
  fi
  protected=no push=no force=no
  while read -r may_push may_force pattern; do
    [ -n "$pattern" ] || continue
    case $branch in
      $pattern)
        protected=yes
        [ "$may_push" = yes ] && push=yes
        [ "$may_force" = yes ] && force=yes
        ;;
    esac
  done <<LIST
$GITLAB_PROTECTED
LIST
  [ $protected = yes ] || continue
  if [ "$new" = "$absent" ]; then
    refuse 'You can only delete protected branches using the web interface.'
  fi
  if [ $force = no ] && [ "$old" != "$absent" ] && ! git merge-base --is-ancestor "$old" "$new"; then
    refuse 'You are not allowed to force push code to a protected branch on this project.'
  fi
  if [ $push = no ]; then
    if [ "$old" = "$absent" ]; then
      refuse 'You are not allowed to create protected branches on this project.'
    fi
    refuse 'You are not allowed to push code to protected branches on this project.'
  fi
done
`

/* Leaves a note of what was pushed, which survives a crash of the server, and prints GITLAB_MESSAGE to the pusher. */
const POST_RECEIVE = `#!/bin/sh
{
  count=0
  while [ "$count" -lt "\${GIT_PUSH_OPTION_COUNT:-0}" ]; do
    eval "printf 'option %s\\n' \\"\\$GIT_PUSH_OPTION_$count\\""
    count=$((count + 1))
  done
  while read -r old new ref; do printf 'change %s %s %s\\n' "$old" "$new" "$ref"; done
} >"$GITLAB_PUSH.part" && mv "$GITLAB_PUSH.part" "$GITLAB_PUSH.push"
[ -z "$GITLAB_MESSAGE" ] || printf '%s\\n' "$GITLAB_MESSAGE"
`

/** Writes the server's git hooks into a folder that all repositories use. */
export function installHooks(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'pre-receive'), PRE_RECEIVE, { mode: 0o700 })
  writeFileSync(join(folder, 'post-receive'), POST_RECEIVE, { mode: 0o700 })
}
