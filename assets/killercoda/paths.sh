# Sourced by the other scripts: where the scenario keeps things, and by which names its pages are asked for.
export HOME="${HOME:-/root}"
SCENARIO="$HOME/.gitops-lab-scenario"
WEB_PORT=@WEB_PORT@
if test -x "$SCENARIO/node/bin/node"; then PATH="$SCENARIO/node/bin:$PATH"; fi
export PATH="$SCENARIO/program/node_modules/.bin:$PATH"
# The host's file holds an address with PORT in it; its proxy may also ask by an address of this machine.
HOST_FILE="${KILLERCODA_HOST_FILE:-/etc/killercoda/host}"
web_names() {
  if test -r "$HOST_FILE"; then
    sed -e "s/PORT/$WEB_PORT/g" -e 's|^[a-z]*://||' -e 's|[/:].*$||' "$HOST_FILE"
  fi
  hostname -I 2>/dev/null | tr ' ' '\n' | grep -E '^[0-9.]+$'
}
GITOPS_LAB_WEB="$WEB_PORT $(web_names | tr '\n' ' ')"
export GITOPS_LAB_WEB
