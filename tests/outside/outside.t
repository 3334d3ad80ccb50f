#!/bin/sh
# outside: samples and mistakes that somebody else wrote down, see outside.py.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
exec python3 "$src/tests/outside/outside.py" "$@"
