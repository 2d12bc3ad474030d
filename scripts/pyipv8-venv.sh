#!/bin/sh
# Makes .cache/pyipv8-VERSION, a Python environment with py-ipv8 for the interoperation tests and the benchmark:
#
#     scripts/pyipv8-venv.sh 3.0        (or 3.2.1)
#
# The packages are the pinned ones of cmd/peerscope/testdata/pyipv8/requirements-VERSION.txt, from wherever pip is
# configured to look. An environment that is there and made from the same file is left as it is.
set -eu

version=${1:?usage: pyipv8-venv.sh VERSION}
cd "$(dirname "$0")/.."
requirements=cmd/peerscope/testdata/pyipv8/requirements-$version.txt
venv=.cache/pyipv8-$version
stamp=$venv/requirements.sha256

[ -f "$requirements" ] || { echo "no $requirements: there is none for py-ipv8 $version" >&2; exit 2; }

# The environment's own python is asked too: an upgrade of the system's breaks it.
ready() {
	[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c 'import ipv8_service' 2>/dev/null
}

# system PACKAGE: install what pip cannot, if we may.
system() {
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		apt-get install -y --no-install-recommends "$1" >&2 && return
		apt-get update >&2 && apt-get install -y --no-install-recommends "$1" >&2 && return # a new machine has no lists
	fi
	echo "missing: $1. Install it with: apt-get install $1" >&2
	exit 1
}

mkdir -p .cache
if command -v flock >/dev/null; then
	exec 9>"$venv.lock"
	flock 9
fi

wanted=$({ sha256sum 2>/dev/null || shasum -a 256; } <"$requirements" | cut -d' ' -f1)
if ready; then exit 0; fi

command -v python3 >/dev/null || system python3
python3 -c 'import venv, ensurepip' 2>/dev/null || system python3-venv
if grep -q '^libnacl==' "$requirements"; then
	python3 -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("sodium"))' || system libsodium23
fi

rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$requirements"
echo "$wanted" >"$stamp"
ready || { echo "py-ipv8 $version is installed in $venv and does not import" >&2; exit 1; }
