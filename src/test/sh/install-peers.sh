#!/bin/bash
# Installs what the tests with peers run against: Debian's container engines, its registry and a C
# compiler. With --modern-engines also builds today's dockerd, containerd and BuildKit, which Debian does not have.
# Does nothing for what is already there. Called by Maven before the integration tests if the profile
# peers or modern-engines is on. What apt and Go print goes to target/install-peers.log.
set -euo pipefail
cd "$(dirname "$0")/../../.."
log=$PWD/target/install-peers.log
mkdir -p target
# One at a time: CI starts it beside the unit tests, and Maven before the integration tests.
exec 9>target/install-peers.lock
flock 9

# program or file (where Debian puts it) and package
peers=(
  /usr/sbin/dockerd docker.io
  /usr/bin/docker docker.io
  /usr/bin/containerd containerd
  /usr/sbin/runc runc
  /usr/bin/podman podman
  /usr/bin/skopeo skopeo
  /sbin/ip iproute2
  /usr/bin/docker-registry docker-registry
  /usr/sbin/iptables iptables
  /usr/sbin/nginx nginx-light
  /usr/bin/htpasswd apache2-utils
  /usr/bin/zstd zstd
  /usr/bin/gcc gcc
  /usr/include/stdio.h libc6-dev
)

fail() {
  echo "install-peers: $*" >&2
  exit 1
}

# Runs a command whose output matters only when it fails.
quietly() {
  if ! "$@" >>"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "'$*' failed; $log has all of it"
  fi
}

# Debian's busybox is not static; the test images hold nothing else.
static_busybox() {
  [ -x /bin/busybox ] && ! LC_ALL=C ldd /bin/busybox >/dev/null 2>&1
}

missing() {
  local i
  for ((i = 0; i < ${#peers[@]}; i += 2)); do
    [ -e "${peers[i]}" ] || echo "${peers[i + 1]}"
  done
  static_busybox || echo busybox-static
}

# Packages start their services when they are installed; the tests start their own, on their own ports.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap "rm -f $policy" EXIT
  fi
  "$@"
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  echo "install-peers: installing $*"
  quietly apt-get update -qq
  quietly without_services apt-get install -y -qq --no-install-recommends "$@"
}

# Its go.mod excludes versions, which "go install" refuses.
build_buildkit() {
  local module=github.com/moby/buildkit
  quietly go mod download "$module@$buildkit"
  quietly go build -C "$(go env GOMODCACHE)/$module@$buildkit" -mod=readonly -o "$1/" ./cmd/buildkitd ./cmd/buildctl
}

build_modern_engines() {
  local engines="${XDG_CACHE_HOME:-$HOME/.cache}/breakwater/engines"
  local dockerd=v2.0.0-beta.24 containerd=v2.4.2 buildkit=v0.34.2
  local versions="dockerd $dockerd, containerd $containerd, BuildKit $buildkit"
  [ "$(cat "$engines/versions" 2>/dev/null)" != "$versions" ] || return 0
  command -v go >/dev/null || fail "the profile modern-engines builds dockerd, containerd and BuildKit: install Go 1.26 or newer (https://go.dev/dl) or leave the profile out"
  echo "install-peers: building today's engines into $engines, which takes some minutes once"
  mkdir -p "$engines"
  export GOBIN=$engines CGO_ENABLED=0
  quietly go install github.com/moby/moby/v2/cmd/dockerd@$dockerd
  quietly go install -tags no_btrfs \
    github.com/containerd/containerd/v2/cmd/{containerd,ctr,containerd-shim-runc-v2}@$containerd
  build_buildkit "$engines"
  echo "$versions" >"$engines/versions"
}

mapfile -t packages < <(missing | sort -u)
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || fail "the tests of the profile peers need these Debian packages: ${packages[*]}"
  [ "$(id -u)" = 0 ] || fail "run this first: sudo apt-get install --no-install-recommends ${packages[*]}"
  install_packages "${packages[@]}"
  mapfile -t packages < <(missing | sort -u)
  [ ${#packages[@]} = 0 ] || fail "still missing after the installation: ${packages[*]}"
fi
[ "$(id -u)" = 0 ] || fail "the tests of the profile peers start container engines and mount file systems, which needs root: sudo mvn -Ppeers verify (or mvn verify without them)"
if [ "${1:-}" = --modern-engines ]; then
  build_modern_engines
fi
