#!/bin/sh
# swap: three pairs of each format's bindings trade places, and somebody notices.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
exec python3 "$src/tests/golden/swap" -n 3 "$@"
