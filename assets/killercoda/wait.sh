#!/usr/bin/env bash
# Shows how far the preparation is, until it is over. `wait.sh again` begins it once more.
. "${HOME:-/root}/.gitops-lab-scenario/paths.sh"
LIMIT="${GITOPS_LAB_LIMIT:-900}"
if test "${1:-}" = again; then
  rm -f "$SCENARIO/failed"
  bash "$SCENARIO/setup.sh" &
fi
shown=0
for ((waited = 0; waited < LIMIT; waited++)); do
  if test -f "$SCENARIO/progress"; then
    lines=$(wc -l <"$SCENARIO/progress")
    if test "$lines" -lt "$shown"; then shown=0; fi
    sed -n "$((shown + 1)),${lines}p" "$SCENARIO/progress"
    shown=$lines
  fi
  if test -f "$SCENARIO/ready"; then exit 0; fi
  if test -f "$SCENARIO/failed"; then
    printf '\n'
    cat "$SCENARIO/failed"
    printf '\nIs there a network? A proxy that wants a password gets it in https_proxy.\n'
    printf 'To go on from here: bash %s again && . %s\n' "$SCENARIO/wait.sh" "$SCENARIO/env.sh"
    exit 1
  fi
  sleep 1
done
printf '\nThis took longer than %s seconds. What was done so far: %s\n' "$LIMIT" "$SCENARIO/setup.log"
printf 'To go on waiting: bash %s && . %s\n' "$SCENARIO/wait.sh" "$SCENARIO/env.sh"
exit 1
