#!/usr/bin/env bash
# Prove the two commands on a bare Debian 12: `scripts/bare_debian.sh [--user] [TARGET...]`, as root.
#
# A fresh minimal root with git, make and python3 is made in a temporary folder, this repository's
# HEAD is cloned into it, and inside it the targets are run: `demo` until a page answers 200, then
# again, timed; any other as `make TARGET`, with ARGS from the environment. Without targets: demo
# and test.
# --user: as an ordinary user without sudo, after root has run the line that make prints.
#
# Everything is mounted in a mount namespace of its own and started in a process namespace of its
# own: when the script ends, however it ends, mounts and processes are gone before the folder is
# deleted.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT:-18733}

fail() {
  echo "bare Debian: $*" >&2
  exit 1
}

say() {
  echo "bare Debian: $*"
}

# ---- outside: the folder, the namespaces, the end

outside() {
  [ "$(id -u)" = 0 ] || fail "debootstrap and chroot need root"
  command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
  folder=$(mktemp -d "${TMPDIR:-/tmp}/bare-debian.XXXXXX")
  trap 'rm -rf --one-file-system "$folder"' EXIT
  trap 'exit 130' INT TERM
  unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    "$0" --inside "$folder" "$@"
}

# ---- inside the namespaces: make the root, then use it

inside() {
  root=$1/root
  shift
  account=root
  make_root "$root.log"
  if [ "${1:-}" = --user ]; then
    shift
    become_user
  fi
  [ $# -gt 0 ] || set -- demo test
  for target in "$@"; do
    if [ "$target" = demo ]; then
      demo first
      demo second
    else
      say "make $target"
      local start=$SECONDS
      within make "$target" ARGS="${ARGS:-}" || fail "make $target failed"
      say "make $target passed in $((SECONDS - start)) s"
    fi
  done
}

make_root() {
  say "making a minimal root"
  local mirror
  mirror=$(sources | awk '$2 == "bookworm" { print $1; exit }')
  [ -n "$mirror" ] || fail "this machine has no apt source for bookworm"
  debootstrap --variant=minbase --include=git,make,python3,ca-certificates \
    bookworm "$root" "$mirror" >"$1" 2>&1 || fail "debootstrap: $(tail -n 5 "$1")"
  mount --rbind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  reach_registries
  git clone --quiet --no-hardlinks "$repository" "$root/srv/govgrid"
  say "cloned $(git -C "$root/srv/govgrid" log -1 --format='%h %s')"
}

# This machine's Debian sources, as "SITE RELEASE COMPONENT".
sources() {
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    awk '$4 == "Debian" { print $1, $2, $3 }' | sort -u
}

# Nothing but what a machine in the same network would have: sources, names, proxies, certificates.
reach_registries() {
  sources | sed 's/^/deb /' >"$root/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(http|https|Check)' >"$root/etc/apt/apt.conf.d/90network" || true
  cp --dereference /etc/resolv.conf /etc/hosts "$root/etc/"
  local bundle=/etc/ssl/certs/ca-certificates.crt
  [ ! -e "$bundle" ] || cp --dereference "$bundle" "$root$bundle"
  mapfile -t network < <(
    env | grep -iE '^((http|https|ftp|all|no)_proxy|SSL_CERT_(FILE|DIR)|PIP_CERT|[A-Z_]*CA_(CERTS|BUNDLE)|PIP_INDEX_URL|UV_DEFAULT_INDEX|npm_config_registry)='
  )
}

within() {
  chroot --userspec="$account" "$root" env -i "${network[@]}" HOME="$home" LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c 'cd /srv/govgrid && exec "$@"' sh "$@" </dev/null
}

# An ordinary user without sudo: make prints the line to run, root runs exactly that.
become_user() {
  chroot "$root" useradd --create-home clerk
  chroot "$root" chown -R clerk: /srv/govgrid
  local level line
  for level in run test; do
    account=clerk home=/home/clerk
    line=$(within python3 -m scripts.setup "$level" 2>&1 | sed -n 's/^ *sudo sh -c //p' || true)
    [ -n "$line" ] || fail "as an ordinary user, set-up did not print the line to run"
    say "root runs: sh -c $line"
    account=root home=/root
    within sh -c "sh -c $line" >"$root.apt.log" 2>&1 || fail "$(tail -n 5 "$root.apt.log")"
  done
  account=clerk home=/home/clerk
}

demo() {
  local start=$SECONDS
  say "make demo, $1 time"
  within setsid sh -c 'echo $$ >/tmp/demo.pid && exec make demo ARGS="$1"' \
    sh "--port $port --no-browser" &
  local running=$!
  until answers; do
    kill -0 "$running" 2>/dev/null || fail "make demo ended before a page answered"
    [ $((SECONDS - start)) -lt 900 ] || fail "no page answered within 15 minutes"
    sleep 0.2
  done
  say "make demo, $1 time: a page answered 200 after $((SECONDS - start)) s"
  kill -TERM -- "-$(cat "$root/tmp/demo.pid")"
  wait "$running" || true
}

answers() {
  python3 - "http://127.0.0.1:$port/" <<'PYTHON' 2>/dev/null
import sys, urllib.request
no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.exit(no_proxy.open(sys.argv[1], timeout=5).status != 200)
PYTHON
}

home=/root
if [ "${1:-}" = --inside ]; then
  shift
  inside "$@"
else
  outside "$@"
fi
