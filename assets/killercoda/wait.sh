#!/usr/bin/env bash
# Shows how far the preparation is, until it is over. `wait.sh again` begins it once more.
. "${HOME:-/root}/.gitops-lab-scenario/paths.sh"
LIMIT="${GITOPS_LAB_LIMIT:-900}"

# Whether somebody prepares; false also while nobody has begun.
is_prepared_now() {
  local pid
  pid=$(cat "$SCENARIO/pid" 2>/dev/null) && test -d "/proc/$pid"
}

if test "${1:-}" = again && ! is_prepared_now; then
  rm -f "$SCENARIO/failed" "$SCENARIO/pid"
  bash "$SCENARIO/setup.sh" &
fi

give_up() {
  printf '\n%s\n' "$1"
  printf '\nTo go on from here: bash %s again && . %s\n' "$SCENARIO/wait.sh" "$SCENARIO/env.sh"
  exit 1
}

shown=0
for ((waited = 0; waited < LIMIT; waited++)); do
  if test -f "$SCENARIO/progress"; then
    lines=$(wc -l <"$SCENARIO/progress")
    if test "$lines" -lt "$shown"; then shown=0; fi
    sed -n "$((shown + 1)),${lines}p" "$SCENARIO/progress"
    shown=$lines
  fi
  if test -f "$SCENARIO/ready"; then exit 0; fi
  if test -f "$SCENARIO/failed"; then give_up "$(cat "$SCENARIO/failed")"; fi
  if test -f "$SCENARIO/pid" && ! is_prepared_now; then
    # It may have ended since the looks above.
    if ! test -f "$SCENARIO/ready" && ! test -f "$SCENARIO/failed"; then
      give_up "The preparation was ended before it was done. What was done so far: $SCENARIO/setup.log"
    fi
  fi
  sleep 1
done
printf '\nThis took longer than %s seconds. What was done so far: %s\n' "$LIMIT" "$SCENARIO/setup.log"
printf 'To go on waiting: bash %s && . %s\n' "$SCENARIO/wait.sh" "$SCENARIO/env.sh"
exit 1
