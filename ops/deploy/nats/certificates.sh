#!/usr/bin/env bash
# Makes what is missing in a folder: an authority, a certificate for each server by its host name, and one for each user.
# Where there is an authority already, let it sign instead: rights.conf knows users by the subject of their certificate.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: certificates.sh DIR HOST... (the hosts of the servers, such as nats-1.example.org)" >&2
    exit 2
fi
mkdir -p "$1"
cd "$1"
shift
umask 077

new_key() { # name
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
}

if [ ! -e ca.key ]; then
    new_key ca
    openssl req -x509 -new -key ca.key -out ca.pem -days 3650 -subj "/O=Footing/CN=authority" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
fi

signed() { # name, extensions
    [ ! -e "$1.pem" ] || return 0
    new_key "$1"
    openssl req -new -key "$1.key" -subj "/O=Footing/CN=$1" |
        openssl x509 -req -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" -days 397 -out "$1.pem" \
            -extfile <(printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n%s\n' "$2") 2>/dev/null
}

for host in "$@"; do
    signed "$host" "$(printf 'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:%s' "$host")"
done
for user in admin app reader; do
    signed "$user" "extendedKeyUsage=clientAuth"
done
