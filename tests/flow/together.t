#!/bin/sh
# together.t: a file's answers come one by one, through kill -9, and its filer
# is told once, of all of them.
src=${ENTREPOT_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${ENTREPOT_BUILD:-$src/build}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-together.XXXXXX") || exit 1
. "$src/tests/flow/gate.sh"
trap 'gate_down; rm -rf "$tmp"' EXIT

are() # N WHAT: so many files of this kind stand in the filer's folder
{
	[ "$(find "$gate/acme/out" -name "*.$2" | wc -l)" -eq "$1" ]
}
box() # N: so many files stand before the agency
{
	[ "$(find "$gate/customs/OutBox" -name '*.zip' | wc -l)" -eq "$1" ]
}
answer() # STEPS: to the one that stands there, and to no other that comes
{
	gate_until box 1 && "$build/entrepot" pause --delivery customs &&
	    gate_answer customs "$1" &&
	    "$build/entrepot" resume --delivery customs && gate_until taken
}
taken() # what the agency answered was taken in
{
	[ -z "$(find "$gate/customs/InBox" -type f)" ]
}
gate_make "$tmp/gate"
sed -i -e 's/csv-status$/csv-status together within 10m/' \
    -e 's/window 500 batch 1/window 1 batch 1/' "$gate/conf"
gate_up
"$build/tests/bench/offer" 3 >"$tmp/three.edi"
gate_drop "$tmp/three.edi" three.edi
gate_until are 1 taken
want "the first answers are kept" answer "response ok; P"
want "as a status that is open" gate_until sh -c \
    "'$build/entrepot' queue what=delivery kind=status | grep -q open"
want "why says what it waits for" sh -c \
    "'$build/entrepot' queue what=delivery kind=status |
    awk '/ open /{ print \$1 }' | xargs '$build/entrepot' why |
    grep -q 'what else is answered to its file'"
kill -9 "$gate_pid"
gate_down
want "it comes up after kill -9" gate_again
want "so are the second ones" answer "response ok; P"
want "and nothing was told yet" are 0 status
want "the third" answer "response ok; P"
want "the filer is told once" gate_until are 1 status
for n in 1 2 3; do
	want "of declaration $n, all of it" \
	    [ "$(grep -c "51012024110000000$n.*" "$gate"/acme/out/*.status)" -ge 2 ]
done
gate_down
finish
