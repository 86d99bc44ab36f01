#!/usr/bin/env bash
# Exit code 0 only when the step has passed. Hosts of the older kind look for "done" instead.
. "${HOME:-/root}/.gitops-lab-scenario/paths.sh"
if ! test -f "$SCENARIO/ready"; then
  if test -f "$SCENARIO/failed"; then cat "$SCENARIO/failed"; else printf 'The lab is still being prepared.\n'; fi
  printf 'In the terminal: bash %s\n' "$SCENARIO/wait.sh"
  exit 1
fi
said=$(timeout 30 gitops-lab check @STEP@ 2>&1)
code=$?
if test "$code" -eq 0; then
  printf 'done\n'
  exit 0
fi
printf '%s\n' "$said"
if test "$code" -eq 124; then printf 'The lab did not answer within 30 seconds.\n'; fi
if test "$code" -eq 69; then printf 'To start it: . %s\n' "$SCENARIO/env.sh"; fi
exit "$code"
