#!/usr/bin/env bash
# Fetches what the tests need and passes them. --long runs the heavy tests with many more cases.
set -euo pipefail
cd "$(dirname "$0")/.."

export PROPTEST_CASES=${PROPTEST_CASES:-64}
if [ "${1:-}" = "--long" ]; then
    export PROPTEST_CASES=4096
    export FOOTING_LONG=1
elif [ $# -gt 0 ]; then
    echo "usage: ops/test.sh [--long]" >&2
    exit 2
fi
# The same cases on every machine; a failure names its own seed.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20130429}
export INSTA_UPDATE=no
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}

bash ops/tools.sh
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
cargo build --locked --package ops
cargo test --workspace --locked
cargo run --quiet --locked --package ops -- pack test uk-universal-credit
