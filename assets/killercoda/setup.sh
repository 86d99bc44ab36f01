#!/usr/bin/env bash
# Prepares the machine: Node.js, the lab, its world. Run again, it goes on where it stopped.
set -u
. "${HOME:-/root}/.gitops-lab-scenario/paths.sh"
NODE_VERSION=24.11.1
NODE_SHA256_X64=58a5ff5cc8f2200e458bea22e329d5c1994aa1b111d499ca46ec2411d58239ca
NODE_SHA256_ARM64=0dc93ec5c798b0d347f068db6d205d03dea9a71765e6a53922b682b91265d71f
ATTEMPTS=3
PAUSE="${GITOPS_LAB_PAUSE:-5}"
LOG="$SCENARIO/setup.log"

# One at a time: a second one that is started meanwhile has nothing to do.
exec 9>"$SCENARIO/lock"
if ! flock --nonblock 9; then exit 0; fi
rm -f "$SCENARIO/failed" "$SCENARIO/ready"
: >"$SCENARIO/progress"
printf '%s\n' $$ >"$SCENARIO/pid"

say() { printf '%s\n' "$*" >>"$SCENARIO/progress"; }

fail() {
  { printf '%s\n' "$@"; } >"$SCENARIO/failed.part"
  mv "$SCENARIO/failed.part" "$SCENARIO/failed"
  exit 1
}

# try SECONDS WHAT COMMAND...: a few attempts within a time limit each, then the end of what it said.
try() {
  local limit=$1 what=$2 attempt code began
  shift 2
  for attempt in $(seq "$ATTEMPTS"); do
    say "$what"
    began=$SECONDS
    # What stays in the background does not keep the lock.
    timeout --kill-after=10 "$limit" "$@" >"$SCENARIO/step.out" 2>&1 </dev/null 9>&-
    code=$?
    # Some programs repeat the address of a proxy with the password in it.
    sed -E 's|://[^/@[:space:]]*@|://***@|g' "$SCENARIO/step.out" >"$SCENARIO/step.log"
    rm -f "$SCENARIO/step.out"
    cat "$SCENARIO/step.log" >>"$LOG"
    if test "$code" -eq 0; then return; fi
    if test $((SECONDS - began)) -ge "$limit"; then
      printf 'It took longer than %s seconds.\n' "$limit" >>"$SCENARIO/step.log"
    fi
    if test "$attempt" -lt "$ATTEMPTS"; then
      say "  that failed, and is tried again in $PAUSE seconds"
      sleep "$PAUSE"
    fi
  done
  # Some programs say what was wrong at first, others at last.
  fail "$what failed $ATTEMPTS times. It said:" \
    "$({ grep -iE 'error|fail|expected|found' "$SCENARIO/step.log" | head -n 5; tail -n 2 "$SCENARIO/step.log"; } | uniq)" \
    "$(advice "$SCENARIO/step.log")"
}

advice() {
  if grep -qE '\b(E?407|Proxy Authentication Required)\b' "$1"; then
    printf 'The proxy wants a user name and a password. In the terminal:\n'
    printf '  export https_proxy=http://NAME:PASSWORD@HOST:PORT http_proxy=http://NAME:PASSWORD@HOST:PORT\n'
  elif grep -qiE 'resolve|connect|network|fetch|timed? ?out|longer than|ENOTFOUND|EAI_AGAIN' "$1"; then
    printf 'Is there a network? Where a proxy leads to it, its address belongs in https_proxy and http_proxy.\n'
  fi
}

node_is_new_enough() {
  command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number)
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

fetch_node() {
  local arch sha256 name
  case "$(uname -m)" in
    x86_64) arch=x64 sha256=$NODE_SHA256_X64 ;;
    aarch64 | arm64) arch=arm64 sha256=$NODE_SHA256_ARM64 ;;
    *) fail "There is no Node.js for this machine ($(uname -m)): install version 20.19 or newer." ;;
  esac
  name="node-v$NODE_VERSION-linux-$arch"
  try 180 "Fetching Node.js $NODE_VERSION" \
    curl --fail --silent --show-error --location --output "$SCENARIO/node.tar.gz" \
    "https://nodejs.org/dist/v$NODE_VERSION/$name.tar.gz"
  if ! printf '%s  %s\n' "$sha256" "$SCENARIO/node.tar.gz" | sha256sum --check --status; then
    rm -f "$SCENARIO/node.tar.gz"
    fail "What came as Node.js $NODE_VERSION is something else: its SHA-256 is not $sha256."
  fi
  rm -rf "$SCENARIO/node.part"
  mkdir "$SCENARIO/node.part"
  try 120 'Unpacking Node.js' \
    tar -xzf "$SCENARIO/node.tar.gz" -C "$SCENARIO/node.part" --strip-components=1
  rm -rf "$SCENARIO/node"
  mv "$SCENARIO/node.part" "$SCENARIO/node"
  rm -f "$SCENARIO/node.tar.gz"
  PATH="$SCENARIO/node/bin:$PATH"
}

if ! { command -v git && command -v curl; } >/dev/null; then
  try 180 'Reading the lists of packages' apt-get update
  try 300 'Installing git and curl' \
    env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates curl git
fi
if ! node_is_new_enough; then
  here=$(node --version 2>/dev/null)
  say "Node.js 20.19 or newer with npm is needed, and this machine has ${here:-none}: the scenario brings its own"
  fetch_node
fi
if ! cmp -s "$SCENARIO/lab.tgz" "$SCENARIO/installed.tgz"; then
  try 300 'Installing the lab' \
    npm install --prefix "$SCENARIO/program" --no-audit --no-fund --omit=dev "$SCENARIO/lab.tgz"
  cp "$SCENARIO/lab.tgz" "$SCENARIO/installed.tgz"
fi
try 240 'Starting cluster, GitLab and registry' gitops-lab --yes sandbox up
# shellcheck disable=SC2016
line='if test -f "$HOME/.gitops-lab-scenario/ready"; then . "$HOME/.gitops-lab-scenario/env.sh"; fi'
grep -qxF "$line" "$HOME/.bashrc" 2>/dev/null || printf '%s\n' "$line" >>"$HOME/.bashrc"
say 'The lab is ready.'
touch "$SCENARIO/ready"
